"""Lists of records and search: what the address asks for, and the page that answers."""
