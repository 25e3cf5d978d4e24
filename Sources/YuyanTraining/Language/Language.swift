import Foundation

/// A language that people read: that of reports, and of what the command says.
public enum Language: String, Sendable, CaseIterable {
    /// English.
    case english = "en"
    /// Chinese, in simplified characters.
    case chinese = "zh"

    /// That of the environment, found as GNU gettext finds it: the first of `LC_ALL`, `LC_MESSAGES` and `LANG` that is
    /// set names the locale; unless that is `C`, the first known language of the list `LANGUAGE` comes before it.
    /// English where nothing else is known.
    public init(environment: [String: String] = ProcessInfo.processInfo.environment) {
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty } ?? "C"
        let list = environment["LANGUAGE"] ?? ""
        let isNeutral = ["C", "POSIX"].contains(locale)
        let names = isNeutral || list.isEmpty ? [locale] : list.split(separator: ":").map(String.init)
        self = names.lazy.compactMap(Language.init(locale:)).first ?? .english
    }

    /// The language of a locale's name such as `zh_CN.UTF-8`; nil for other languages.
    private init?(locale: String) {
        let name = locale.lowercased().prefix { $0.isLetter }
        switch name {
        case "zh": self = .chinese
        case "en", "c", "posix": self = .english
        default: return nil
        }
    }
}
