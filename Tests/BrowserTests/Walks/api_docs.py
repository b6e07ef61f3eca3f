"""Opens the page of the API in a real browser, under its content security policy, and tries an operation out with a token.

Usage: api_docs.py ADDRESS TOKEN [--screenshots FOLDER]
Ends with 0 when everything was there and the browser complained of nothing.
"""

import argparse

from playwright.sync_api import expect, sync_playwright

parser = argparse.ArgumentParser()
parser.add_argument("address")
parser.add_argument("token")
parser.add_argument("--screenshots")
options = parser.parse_args()


def walk(browser):
    page = browser.new_context(viewport={"width": 1280, "height": 1000}).new_page()
    problems = []
    page.on("console", lambda message: problems.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    foreign = []
    page.on("request", lambda request: foreign.append(request.url) if not request.url.startswith((options.address, "data:", "blob:")) else None)

    def shot(name):
        if options.screenshots:
            page.screenshot(path=f"{options.screenshots}/{name}.png")

    page.goto(f"{options.address}/docs")
    expect(page.locator(".info .title")).to_contain_text("Guildhall", timeout=20000)
    assert "unsafe-eval" not in page.request.get(f"{options.address}/docs").headers["content-security-policy"]
    shot("docs")

    page.get_by_role("button", name="Authorize").click()
    dialog = page.locator(".dialog-ux")
    dialog.get_by_label("auth-bearer-value").fill(options.token)
    dialog.locator("form", has=page.get_by_label("auth-bearer-value")).get_by_role("button", name="Apply credentials").click()
    dialog.locator("button.close-modal").click()

    page.locator("#operations-tag-Organization").click()
    operation = page.locator(".opblock-post", has=page.locator("[data-path='/organizations']"))
    operation.locator(".opblock-summary-control").click()
    expect(operation.locator(".responses-table").first).to_contain_text("name.taken")
    shot("operation")
    operation.get_by_role("button", name="Try it out").click()
    operation.locator("textarea.body-param__text").fill('{"name": "Hall of Docs", "slug": "hall-of-docs"}')
    operation.get_by_role("button", name="Execute").click()
    answer = operation.locator(".live-responses-table")
    expect(answer).to_contain_text("201", timeout=20000)
    expect(answer).to_contain_text("hall-of-docs")
    shot("tried")

    page.goto(f"{options.address}/docs/reference")
    expect(page.get_by_role("heading", level=1)).to_contain_text("API reference")
    shot("reference")
    page.locator("a", has_text="POST /api/v1/organizations/{organization}/members").first.click()
    expect(page.locator("section[id='member.add'] h2")).to_contain_text("POST")
    shot("reference-of-members")
    assert not problems, problems
    assert not foreign, foreign


with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-dev-shm-usage"])
    try:
        walk(browser)
    finally:
        browser.close()
print("the documentation works")
