return 2; // Filled in by the work on this project; until then a usage error, never a pretended success.
