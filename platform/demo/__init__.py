"""The demo company: people, and months of orders, complaints and absences, made by driving the engine."""
