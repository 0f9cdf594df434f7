from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """`where` names the row by its ids, or the rule by its name."""

    what: str
    where: str

    def __str__(self) -> str:
        return f"{self.what}: {self.where}"
