import Kernel

/// What many operations share: headers and parameters of the document.
enum OpenAPIParts {
  /// The headers that any answer may have.
  static let everywhere = ["X-Request-Id", "RateLimit", "RateLimit-Policy", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"]

  static func references(to names: [String]) -> JSON {
    .object(names.map { JSON.Member($0, ["$ref": .string("#/components/headers/\($0)")]) })
  }

  static let headers: JSON = [
    "ETag": text("The revision of the thing, for `If-Match` and `If-None-Match`."),
    "Idempotency-Replayed": text("`true` where the answer to an earlier request with the same key is repeated."),
    "Link": text("The next page of the list, as `rel=\"next\"` (RFC 8288); absent on the last."),
    "Location": text("Where the thing is found."),
    "RateLimit": text("What is left of the limits that apply."),
    "RateLimit-Policy": text("The limits that apply."),
    "Retry-After": number("After how many seconds to try again."),
    "WWW-Authenticate": text("How to authenticate."),
    "X-RateLimit-Limit": number("How many requests at once."),
    "X-RateLimit-Remaining": number("How many of these are left."),
    "X-RateLimit-Reset": number("In how many seconds all are there again."),
    "X-Request-Id": text("For the operator to find the request in the log."),
  ]

  // The headers have no examples: the interactive page would send them with every request.
  static let parameters: JSON = [
    "cursor": [
      "name": "cursor", "in": "query", "description": "Where the page begins: `next_cursor` of the page before.", "schema": ["type": "string", "maxLength": 2048],
    ],
    "limit": [
      "name": "limit", "in": "query", "description": "How many rows at most.",
      "schema": [
        "type": "integer", "minimum": .integer(Int64(PageRequest.limits.lowerBound)), "maximum": .integer(Int64(PageRequest.limits.upperBound)), "default": 50,
      ],
    ],
    "If-Match": [
      "name": "If-Match", "in": "header", "description": "The `ETag` you have seen, such as `\"3\"`: refused as 412 when the thing has changed since.",
      "schema": ["type": "string", "pattern": #"^(\*|"[0-9]{1,18}")$"#],
    ],
    "If-None-Match": [
      "name": "If-None-Match", "in": "header", "description": "The `ETag` you have, such as `\"3\"`: answered with 304 while nothing has changed.", "schema": ["type": "string"],
    ],
    "Idempotency-Key": [
      "name": "Idempotency-Key", "in": "header",
      "description": "A text of your own for this request: a repetition within 24 hours gives the same answer and does nothing again.",
      "schema": ["type": "string", "pattern": "^[!-~]{1,128}$"],
    ],
  ]

  private static func text(_ description: String) -> JSON { ["description": .string(description), "schema": ["type": "string"]] }
  private static func number(_ description: String) -> JSON { ["description": .string(description), "schema": ["type": "integer", "minimum": 0]] }
}
