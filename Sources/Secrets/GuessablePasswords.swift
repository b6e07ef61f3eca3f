/// Finds the passwords that every attacker tries first. A short list of stems and a few shapes, not a measure of strength.
enum GuessablePasswords {
  /// A sentence that says what is wrong with the password; `nil` if nothing is.
  static func reason(against password: String, words: [String]) -> String? {
    let characters = Array(password.lowercased())
    if Set(characters).count < 4 || repeatsAfter(4, characters) { return "This password repeats the same few characters; choose one that is harder to guess." }
    if isRun(password.lowercased()) { return "This password is a run of neighbouring characters; choose one that is harder to guess." }
    if isCommon(characters) { return "This password is one of the most common; choose another." }
    if words.contains(where: { resembles(password, $0) }) { return "Leave your name and your address out of the password." }
    return nil
  }

  /// Whether the text is a piece of at most `longest` characters, again and again.
  private static func repeatsAfter(_ longest: Int, _ characters: [Character]) -> Bool {
    (1...longest).contains { period in zip(characters, characters.dropFirst(period)).allSatisfy(==) }
  }

  /// `abcdefghij`, `9876543210`, `1234567890`.
  private static func isRun(_ text: String) -> Bool {
    let values = text.unicodeScalars.map { Int($0.value) }
    let steps = zip(values.dropFirst(), values).map { $0 - $1 }
    return [1, -1].contains { direction in steps.allSatisfy { $0 == direction || $0 == -9 * direction } }
  }

  private static func isCommon(_ characters: [Character]) -> Bool {
    if common.contains(plain(characters)) { return true }
    let half = characters.count / 2
    let core = stem(characters)
    return common.contains(plain(core)) && characters.count - core.count <= 6
      || characters.count.isMultiple(of: 2) && characters.prefix(half) == characters.suffix(half) && common.contains(plain(Array(characters.prefix(half))))
  }

  /// Whether `word`, or what stands before its `@`, is the password but for fewer than six characters.
  private static func resembles(_ password: String, _ word: String) -> Bool {
    let offered = lettersAndDigits(password)
    return [lettersAndDigits(word), lettersAndDigits(word.prefix { $0 != "@" })].contains { known in
      known.count >= 4 && offered.count - known.count < 6 && offered.contains(known)
    }
  }

  private static func lettersAndDigits(_ text: some StringProtocol) -> String { text.lowercased().filter { $0.isLetter || $0.isNumber } }

  /// Without the digits and signs that people put before and behind a word.
  private static func stem(_ characters: [Character]) -> [Character] {
    var core = characters[...]
    while let last = core.last, !last.isLetter { core.removeLast() }
    while let first = core.first, !first.isLetter { core.removeFirst() }
    return Array(core)
  }

  /// Signs that stand for letters made letters again, and other signs dropped.
  private static func plain(_ characters: [Character]) -> String {
    var text = ""
    for character in characters {
      switch character {
      case "0": text += "o"
      case "1", "!", "|": text += "i"
      case "3": text += "e"
      case "4", "@": text += "a"
      case "5", "$": text += "s"
      case "7": text += "t"
      default: if character.isLetter || character.isNumber { text.append(character) }
      }
    }
    return text
  }

  private static let common = Set(
    """
    password passwort passw0rd motdepasse contrasena contrasenia senha parola wachtwoord heslo haslo kennwort sifre salasana losenord
    mypassword yourpassword thepassword newpassword oldpassword nopassword password1234 passwordpassword passphrase passcode secretpassword
    admin administrator adminadmin adminpass adminpassword root rootroot toor superuser sysadmin operator guest guestguest test tester testing testtest
    testpassword test1234 demo demodemo default changeme changemenow changethis letmein letmeinnow letmeinplease opensesame trustno1 whatever
    welcome welcomehome welcomeback welcome123 hello helloworld hellohello hithere goodmorning
    qwerty qwertyuiop qwertyui qwertz qwertzuiop azerty azertyuiop qwertyqwerty qwerty12345 asdfghjkl asdfgh asdfasdf asdfjkl zxcvbnm zxcvbn zxcvbnmasdfghjkl
    qwertyasdf qwertyasdfgh qwertyasdfzxcv qazwsx qazwsxedc qazwsxedcrfv 1qaz2wsx 1qaz2wsx3edc 1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y q1w2e3r4 q1w2e3r4t5 zaq12wsx
    poiuytrewq mnbvcxz lkjhgfdsa plokijuh
    123456 1234567890 12345678910 123456789 0123456789 0987654321 1029384756 1122334455 112233445566 123123123 1231231230 123321123321 147258369 1472583690
    123qwe 123qweasd 123qweasdzxc 1234qwer 12345qwert abc123 abcd1234 abcde12345 abc123456 a123456789 abcdef123456 aa123456 aaa111222 31415926535 27182818284
    iloveyou iloveyouso iloveyousomuch iloveyou123 iloveu ilovemyself iloveme loveme loveyou lovely forever foreverlove sweetheart sunshine princess prince
    dragon monkey shadow master michael michelle jennifer jessica jordan charlie andrew anthony alexander daniel robert thomas nicole ashley
    football baseball basketball soccer hockey liverpool arsenal chelsea barcelona realmadrid manchester manchesterunited juventus
    superman batman spiderman starwars pokemon pikachu naruto minecraft fortnite blink182 slipknot metallica nirvana
    computer internet samsung samsunggalaxy google facebook microsoft windows linux ubuntu android iphone oracle postgres database server
    summer winter spring autumn january february september october november december monday sunday friday
    freedom jesus jesuschrist godisgood blessed angel heaven mustang ferrari mercedes porsche harley corvette
    chocolate cookie banana cheese butterfly flower rainbow diamond silver golden purple orange
    correcthorsebatterystaple thequickbrownfox loremipsum maytheforcebewithyou guildhall guildhalladmin companyname secret topsecret
    access accessdenied login loginlogin private matrix phoenix hunter hunter2 killer pepper ginger buster tigger thunder cowboy
    """.split(whereSeparator: \.isWhitespace).map { plain(Array($0)) })
}
