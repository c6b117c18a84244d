"""Reading records: one, a list, the inbox, a history, what may be chosen. Changes nothing."""
