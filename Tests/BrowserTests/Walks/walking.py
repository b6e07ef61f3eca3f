"""What all walks share: the options, the browser, pictures, and what is checked on every page."""

import argparse
import re
from contextlib import contextmanager

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright

parser = argparse.ArgumentParser()
parser.add_argument("address")
parser.add_argument("link", help="signs the operator in, once")
parser.add_argument("--screenshots", help="the folder for pictures")
parser.add_argument("--width", type=int, default=1280)
parser.add_argument("--dark", action="store_true")
parser.add_argument("--no-script", action="store_true")
options = parser.parse_args()

# Walks prove what happens, not how fast: on a busy machine a page may take its time.
expect.set_options(timeout=20_000)

PASSWORD = "seven quiet boats at noon"
taken = 0
problems = []


@contextmanager
def browser():
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-dev-shm-usage"])
        try:
            yield found
        finally:
            found.close()


def person(found, **settings):
    """A window of somebody's own. What the policy against foreign content refuses, and every script's mistake, is kept."""
    settings = {
        "viewport": {"width": options.width, "height": 900},
        "color_scheme": "dark" if options.dark else "light",
        "java_script_enabled": not options.no_script,
        **settings,
    }
    page = found.new_context(**settings).new_page()
    page.on("console", lambda message: problems.append(f"{page.url}: {message.text}") if message.type == "error" else None)
    page.on("pageerror", lambda fault: problems.append(f"{page.url}: {fault}"))
    return page


def shot(page, name):
    """Keeps a picture of the page, numbered in the order of the walk."""
    global taken
    taken += 1
    if options.screenshots:
        page.screenshot(path=f"{options.screenshots}/{taken:02}-{name}.png", full_page=True)


def says(page, text):
    expect(page.locator("body")).to_contain_text(text)


def heading(page, text):
    expect(page.get_by_role("heading", level=1)).to_contain_text(text)


def settle(page):
    """Waits until nothing that ends moves any more: what still fades in has the colours of nothing."""
    page.evaluate(
        """Promise.race([
          Promise.allSettled(document.getAnimations().filter((a) => a.effect.getComputedTiming().endTime !== Infinity).map((a) => a.finished)),
          new Promise((go) => setTimeout(go, 2000)),
        ])"""
    )


def faults(page):
    """What axe finds on the page, in every part of it."""
    settle(page)
    found = Axe().run(page).response["violations"]
    return [f"{rule['id']} ({rule['impact']}): {node['html'][:160]}" for rule in found for node in rule["nodes"][:3]]


def check(page, name):
    """What holds for every page: nothing that axe minds, no scrolling sideways at 360 and 768 pixels, one style sheet, small."""
    findings = [f"{name}: {fault}" for fault in faults(page)]
    width = page.viewport_size["width"]
    # The narrow one last: axe looks at it too.
    for narrow in [768, 360]:
        page.set_viewport_size({"width": narrow, "height": 800})
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > narrow:
            culprit = page.evaluate(
                "(width) => [...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > width + 1).slice(0, 3).map((e) => e.outerHTML.slice(0, 120))",
                narrow,
            )
            findings.append(f"{name}: {wide} pixels wide on {narrow}: {culprit}")
    findings += [f"{name} at 360: {fault}" for fault in faults(page)] if width > 700 else []
    page.set_viewport_size({"width": width, "height": 900})
    sheets = page.locator("link[rel=stylesheet]").count()
    if sheets != 1:
        findings.append(f"{name}: {sheets} style sheets")
    size = len(page.content().encode())
    if size > {"/design": 150_000}.get(name, 100_000):
        findings.append(f"{name}: {size} bytes")
    return findings


def sign_in(page, link=None):
    page.goto(link or options.link)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_load_state()


def sign_up(page, name, email):
    page.get_by_label("Name").fill(name)
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()


def found_organization(page, name, slug):
    page.goto(f"{options.address}/organizations/new")
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Name in addresses").fill(slug)
    page.get_by_role("button", name="Create organization").click()
    heading(page, name)


def invite(page, slug, emails, role="member", days=None):
    """Invites and answers the links, in the order of the addresses."""
    page.goto(f"{options.address}/{slug}/members/invitations/new")
    page.get_by_label("E-mail addresses").fill(emails)
    page.get_by_label("Role", exact=True).select_option(role)
    if days:
        page.get_by_label("Can be answered for").select_option(str(days))
    page.get_by_role("button", name="Send invitations").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("sent")
    return [text.strip() for text in page.locator("code").filter(has_text="/join?token=").all_text_contents()]


def role(page, whose):
    """The role in a row of a list: a word that becomes a choice."""
    return page.locator(f'[aria-label^="Role of {whose}:"]')


def choose_role(page, whose, wanted):
    """Chooses another role for somebody in a row of a list."""
    role(page, whose).click()
    picker = page.get_by_role("combobox", name=f"Role of {whose}", exact=True)
    picker.select_option(wanted)
    if options.no_script:
        page.locator("form", has=picker).get_by_role("button", name="Set").click()


def finish():
    """Says what no page may do: be refused anything by its own policy, or stumble in a script."""
    unexpected = [text for text in problems if not re.search(r"status of (404|403|410|422|429|503)", text)]
    assert not unexpected, unexpected
    print(f"took {taken} looks")
