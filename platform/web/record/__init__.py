"""A record's page: its head, facts, actions, why and what if."""
