class Error(Exception):
    """Something could not be done; the message says what, with which file, and what to do.

    code    what kind of failure, in words: "not found", "model missing", "corrupt" ...
    remedy  what can be done, where that is a choice: "install-models" ...; else empty
    """

    def __init__(self, message: str, code: str = "", remedy: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.remedy = remedy

    def __reduce__(self):
        return type(self), (str(self), self.code, self.remedy)
