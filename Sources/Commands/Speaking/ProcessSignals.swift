import Dispatch
import Synchronization
#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Signals to the process, and the keyboard's echo, which must come back whatever ends us.
enum ProcessSignals {
  private static let silenced = Mutex<termios?>(nil)

  static func ignoreClosedPipes() { signal(SIGPIPE, SIG_IGN) }

  /// Opens what the shell closed (`>&-`), so that no connection or file of ours takes the place of the standard output.
  static func fillStandardStreams() {
    while true {
      let descriptor = open("/dev/null", O_RDWR)
      guard descriptor > STDERR_FILENO || descriptor < 0 else { continue }
      if descriptor >= 0 { close(descriptor) }
      return
    }
  }

  static func exit(_ status: ExitStatus) -> Never {
    #if canImport(Glibc)
    Glibc.exit(status.code)
    #else
    Darwin.exit(status.code)
    #endif
  }

  /// Until stopped, Ctrl-C ends the process at once: the keyboard speaks again, the line is closed, and what was half written is left out.
  static func endOnInterruption() -> Interruption {
    signal(SIGINT, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
    source.setEventHandler {
      restoreKeyboard()
      ReplacedFile.abandonAll()
      SystemTerminal().tell("\n")
      exit(.interrupted)
    }
    source.resume()
    return Interruption(source: source)
  }

  /// Turns the keyboard's echo off; `nil` where there is no keyboard.
  static func silenceKeyboard() -> Echo? {
    var state = termios()
    guard tcgetattr(STDIN_FILENO, &state) == 0 else { return nil }
    let before = state
    silenced.withLock { $0 = before }
    state.c_lflag &= ~tcflag_t(ECHO)
    guard tcsetattr(STDIN_FILENO, TCSADRAIN, &state) == 0 else { return nil }
    return Echo()
  }

  fileprivate static func restoreKeyboard() {
    silenced.withLock { before in
      guard var state = before else { return }
      tcsetattr(STDIN_FILENO, TCSADRAIN, &state)
      before = nil
    }
  }

  struct Echo {
    func restore() { restoreKeyboard() }
  }

  struct Interruption {
    fileprivate let source: any DispatchSourceSignal

    func stop() {
      source.cancel()
      signal(SIGINT, SIG_DFL)
    }
  }
}
