"""The processes of `parley serve`: the supervisor, its workers, the listening socket."""
