"""How the language meant what it says, by the time a version was published: a published text keeps its meaning.

Where the meaning of a text changes, the number grows, a version keeps the one it was published under, and the loader
asks for it. 0 is everything before there were editions.

1: bounds, checks and `required` that read the day, a rate or a linked record bind when the record is written
   (`binds: always` is what they meant before); a link whose `where` reads the record is looked at again with it.
   Formulas answer as the standard does where they did not (`feel.scope.EDITION`), and digits are 0 to 9.
"""

from __future__ import annotations

#: The edition of what is published now.
EDITION = 1
