"""Why, what if, and as somebody else sees it: answers as ids and parameters; words are put at the edge."""
