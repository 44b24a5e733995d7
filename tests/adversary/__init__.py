"""An adversary that plays: colluding people try every act in any order, while invariants judge what they come to see.

The rules are those of the product's sharing rules 1-24, written here once more and from the rules alone:

* ``words``: the vocabulary and the data of the rules (types, categories, ceiling, cast). Shared by all others.
* ``world``: what a world has to offer to be played in: ``act`` and ``observe``. The pure model is one world.
* ``state``, ``knowledge``, ``people``, ``bases``, ``sharing``, ``offices``, ``members``, ``rules``: the pure model. No
  Django, nothing of the product.
* ``chains``, ``act_log``, ``invariants``: the judge. It reads the log of acts and the observations; it never looks into
  the model.
* ``players``: who tries what. They remember only what was answered to them.
* ``walk``: seeded walks in several processes, and shrinking a broken one to the shortest attack.

``docs/decisions/0037-an-adversary-that-plays.md`` says what was left out and how each rule was read.
"""
