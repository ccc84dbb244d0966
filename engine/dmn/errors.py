"""How a decision model is refused."""


class ModelError(Exception):
    """The file is no decision model that can be read.

    `message` is an English message id with {places} for `params`; `line` is the line in the XML, 0 for none.
    """

    def __init__(self, message: str, line: int = 0, **params: object) -> None:
        self.message = message
        self.params = params
        self.line = line
        super().__init__(message.format(**params) + (f" (line {line})" if line else ""))
