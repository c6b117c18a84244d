"""Pages for administrators: people, members, workspaces, rates, rule engine, security log, first set-up."""
