"""Static HTML, taken apart: which elements it has, and what a reader sees."""

from html.parser import HTMLParser

#: Elements that every sanitizer lets through.
PLAIN = {
    *("p", "b", "i", "code", "progress", "mark", "ul", "li"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}


class Page(HTMLParser):
    """Elements, attributes and text of a page whose elements are all closed."""

    def __init__(self):
        super().__init__()
        self.tags, self.attributes, self.styles = set(), set(), set()
        self.open = []
        self.text = ""

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.styles |= {value for name, value in attrs if name == "style"}
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def parsed(text):
    """Take a page apart; every element must be closed."""
    page = Page()
    page.feed(text)
    assert not page.open
    return page
