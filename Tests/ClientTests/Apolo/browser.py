"""A browser as somebody uses it who lets a program in: signs in, reads the page, presses the button, follows the link."""

import html
import http.client
import os
import re
import sys
import urllib.parse

from stage import PASSWORD


class Browser:
    def __init__(self, person):
        self.person, self.cookies = person, {}

    def send(self, method, url, form=None):
        """A page, and where it is; redirects are followed."""
        for _ in range(8):
            parts = urllib.parse.urlsplit(url)
            connection = http.client.HTTPConnection(parts.netloc, timeout=30)
            headers = {"accept": "text/html", "cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
            body = None
            if form is not None:
                body = urllib.parse.urlencode(form)
                headers |= {"content-type": "application/x-www-form-urlencoded", "origin": f"{parts.scheme}://{parts.netloc}", "referer": url, "sec-fetch-site": "same-origin"}
            connection.request(method, (parts.path or "/") + ("?" + parts.query if parts.query else ""), body, headers)
            answer = connection.getresponse()
            for cookie in answer.msg.get_all("set-cookie") or []:
                name, value = cookie.split(";")[0].split("=", 1)
                self.cookies[name] = value
            text = answer.read().decode()
            if answer.status not in (302, 303, 307, 308):
                return answer.status, url, text
            url, method, form = urllib.parse.urljoin(url, answer.headers["location"]), "GET", None
        raise RuntimeError("It goes round in circles.")

    def submit(self, url, text, number=0, **typed):
        """Fills in a form of a page and sends it."""
        forms = re.findall(r'<form method="post" action="([^"]*)"[^>]*>(.*?)</form>', text, re.S)
        wanted = [form for form in forms if all(f'name="{name}"' in form[1] for name in typed)]
        action, content = wanted[number]
        fields = {}
        for tag in re.findall(r"<input([^>]*)>", content):
            name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
            if name and 'type="hidden"' in tag:
                fields[name.group(1)] = html.unescape(value.group(1)) if value else ""
        return self.send("POST", urllib.parse.urljoin(url, html.unescape(action)), fields | typed)

    def allow(self, url):
        """Lets a program in; answers the page that follows."""
        status, place, text = self.send("GET", url)
        if "/sign-in" in place:
            status, place, text = self.submit(place, text, login=self.person, password=PASSWORD)
        assert status == 200 and "Let it in" in text, (status, place, text[:3000])
        number = next(n for n, form in enumerate(re.findall(r'<form method="post" action="([^"]*)"', text)) if form == "/authorize")
        status, place, text = self.submit(place, text, number)
        assert status == 200 and "may come in" in text, (status, place, text[:3000])
        return text


def code_in(text):
    return re.search(r"gld_cod_[0-9A-Za-z]+", text).group(0)


if __name__ == "__main__":
    # What `apolo config login` opens; it waits for who comes to where it listens.
    browser = Browser(os.environ["GUILDHALL_PERSON"])
    page = browser.allow(sys.argv[1])
    link = html.unescape(re.search(r'<a[^>]*href="(http://127\.0\.0\.1:5454[0-2]/\?code=[^"]*)"', page).group(1))
    browser.cookies = {}
    print(browser.send("GET", link)[0])
