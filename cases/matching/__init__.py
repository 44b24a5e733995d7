"""Whether two records may be of one person: pure, without ORM. Which are compared (``blocking``), how alike they are
(``comparing``), and how names of any script become comparable (``names``). Nothing here decides: a score is a question.
"""
