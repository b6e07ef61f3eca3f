import Contract
import ControlPlane
import Hummingbird
import Kernel
import Markup

/// What a browser shows while it can't reach the server: a page that it keeps, and the worker that keeps it.
struct OfflinePage: Sendable {
  let store: AssetStore

  var routes: [Route] {
    [
      Route(.get, "/offline", for: .person, isLimited: false) { [self] _ in Response(200, "text/html; charset=utf-8", page.bytes, [.cacheControl: "no-cache"])
      },
      Route(.get, "/service-worker.js", for: .program, isLimited: false) { [self] _ in
        Response(200, "text/javascript; charset=utf-8", worker, [.cacheControl: "no-cache"])
      },
    ]
  }

  private var page: HTML {
    plainShell(PlainShellModel(title: "Offline", assets: store.pageAssets)) {
      plainHeader(
        "You are offline", "This browser can't reach Guildhall. Nothing is lost: what was saved is saved. Look at your connection, then load the page again.")
    }
  }

  /// The script, told what this version of the product keeps.
  private var worker: [UInt8] {
    let kept = ["/offline"] + store.pageAssets.stylesheets.map(\.text)
    let head = "const version = \"\(store.version)\";\nconst kept = [\(kept.map { "\"\($0)\"" }.joined(separator: ", "))];\n"
    return Array(head.utf8) + store.bytes(of: "service-worker.js")
  }
}
