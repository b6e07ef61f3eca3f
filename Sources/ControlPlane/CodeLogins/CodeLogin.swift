import Contract
public import Kernel
public import Secrets

/// A program on somebody's own machine that signs in as them through the browser.
public struct LoginClient: Sendable, Hashable {
  public let id: String
  public let name: String
  /// Where the browser may bring the code: addresses of the machine itself, each exactly.
  public let callbacks: [String]

  /// Apolo's command line, which listens at one of three ports.
  public static let apolo = LoginClient(
    id: "apolo-cli", name: "Apolo's command line", callbacks: (54540...54542).map { "http://127.0.0.1:\($0)" })

  /// Every one that there is.
  static let all = [apolo]

  /// Behind the console's address: the callback for machines without a browser, where the code is shown for its person to carry over.
  public static let codePath = "/authorize/code"
}

/// What a program asks for (RFC 6749 §4.1.1, with the proof of RFC 7636).
public struct CodeLoginRequest: Sendable, Hashable {
  public let client: LoginClient
  public let redirect: String
  /// Of the program's secret, SHA-256 as base64url.
  public let challenge: String
  /// What the program wants back as it sent it; `nil` for nothing.
  public let state: String?
  /// Whether the code is shown, and not brought anywhere.
  public let isCarried: Bool

  /// Refuses, without leading anywhere, what isn't asked for in the one way there is.
  public init(_ parameter: (String) -> String?, publicURL: String) throws(Problem) {
    guard let client = LoginClient.all.first(where: { $0.id == parameter("client_id") }) else {
      throw .invalid("client_id", "No program that is known here asks for this sign-in. Don't go on.")
    }
    let (redirect, carried) = (parameter("redirect_uri") ?? "", publicURL + LoginClient.codePath)
    guard redirect == carried || client.callbacks.contains(redirect) else {
      throw .invalid("redirect_uri", "This sign-in would lead to where \(client.name) doesn't listen. Don't go on.")
    }
    guard parameter("response_type") == "code", parameter("code_challenge_method") == "S256" else {
      throw .invalid("response_type", "Only sign-ins by a code, proven with S256, are possible here.")
    }
    guard let challenge = parameter("code_challenge"), challenge.utf8.count == 43, Base64URL.decode(challenge) != nil else {
      throw .invalid("code_challenge", "The proof of this sign-in can't be read. Start it again.")
    }
    if let state = parameter("state"), state.utf8.count > 512 { throw .invalid("state", "The state has more than 512 characters.") }
    (self.client, self.redirect, self.challenge, state, isCarried) = (client, redirect, challenge, parameter("state"), redirect == carried)
  }
}

/// A sign-in that its person allowed, until the program fetches it.
struct CodeLogin: Sendable, Hashable {
  let account: ID<Account>
  let client: String
  let redirect: String
  let challenge: String

  /// How long a code waits; people carry some of them by hand.
  static let term = Duration.minutes(5)
  /// How long the program stays signed in.
  static let days = 30

  /// Whether who brings this is who asked: the same program, at the same place, with the secret that the challenge was made of.
  func isAsked(by client: String, at redirect: String, with verifier: String) -> Bool {
    guard let challenge = SHA256Digest(challenge), (43...128).contains(verifier.utf8.count) else { return false }
    return client == self.client && redirect == self.redirect && SHA256Digest(of: verifier).matches(challenge)
  }
}

/// What a program has of a sign-in.
public struct ProgramLogin: Sendable {
  /// Of a personal access token.
  public let secret: SecretText
  /// Who is signed in.
  public let handle: Slug
}

extension Problem {
  /// Says nothing of what is wrong with it.
  static let badCode = Problem(.spentLink, "This code was used already, has expired, or isn't yours. Sign in again.")
}
