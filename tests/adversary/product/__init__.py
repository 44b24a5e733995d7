"""The same players and the same judge on the product: each act is a request, each observation reads as its members do.

* ``vocabulary``: the words of the adversary as the product spells them, and hours as instants;
* ``people``: organisations, members and sessions of the cast, in a database of their own;
* ``requests``: how a person's program or browser sends something;
* ``acts``: each act as the request that carries it out;
* ``sight``: what everybody meets;
* ``walks``: several cases side by side in one database, and the shortest attack.
"""
