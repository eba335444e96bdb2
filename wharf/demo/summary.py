"""What the demo sent, how it was answered, and where to look now."""

from collections import Counter
from collections.abc import Iterator

from wharf.demo.traffic import Post


class Summary:
    """Counts posts, items and answers while the day is posted."""

    def __init__(self) -> None:
        self.posts = 0
        self.items: Counter[str] = Counter()
        self.repeated: Counter[str] = Counter()
        self.answers: Counter[int] = Counter()
        self.retries: Counter[int] = Counter()

    def add(self, post: Post, answer: int) -> None:
        self.posts += 1
        self.answers[answer] += 1
        if post.again is None:
            self.items.update(item.kind for item in post.items)
        else:
            self.repeated[post.again] += 1

    def lines(self, base_url: str) -> Iterator[str]:
        """For people; no two runs with the same counts differ."""
        answers = ", ".join(f"{n} × {status}" for status, n in sorted(self.answers.items()))
        yield f"Posted {self.posts} deliveries, answered {answers}."
        if self.retries:
            yield f"The service was busy {self.retries.total()} times and was asked again."
        yield f"They hold {self.items.total()} different items:"
        for kind, n in sorted(self.items.items()):
            yield f"  {n:3d}  {kind}"
        for again, n in sorted(self.repeated.items()):
            yield f"  {n:3d}  deliveries repeated ({again}): these must not count twice"
        where = f"{base_url.rstrip('/')}/api/whatsapp"
        yield "Look at, with a key of `wharf keys create --name me --scopes all`:"
        yield f"  {where}/conversations/   eight people and a group, on two business numbers"
        yield f"  {where}/messages/        Mei's edited cake, Oya who has no phone number"
        yield f"  {where}/statuses/        Léna's failed answer, steps that came out of order"
        yield "  wharf projections status    how far the view is behind the log"
