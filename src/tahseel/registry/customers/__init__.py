"""Who owes or is owed: people, companies and government bodies."""
