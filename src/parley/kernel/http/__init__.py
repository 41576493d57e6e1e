"""Requests and answers: the middleware, bodies, paging, errors, guards, and the dependencies of handlers."""
