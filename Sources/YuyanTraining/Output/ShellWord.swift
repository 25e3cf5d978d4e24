extension String {
    /// The text as one word of a shell's command line, so that what a message advises can be pasted.
    package var quotedForShell: String {
        // A path that begins with a dash would be taken for an option.
        let word = hasPrefix("-") ? "./" + self : self
        let plain = "-_./:=@%+,"
        if !word.isEmpty, word.allSatisfy({ $0.isLetter || $0.isNumber || plain.contains($0) }) { return word }
        guard word.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
            return "'" + word.replacing("'", with: #"'\''"#) + "'"
        }
        let escaped = word.unicodeScalars.map { scalar -> String in
            switch scalar {
            case "\n": #"\n"#
            case "\t": #"\t"#
            case "'", "\\": "\\" + String(scalar)
            case _ where scalar.value < 32 || scalar.value == 127:
                #"\x"# + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: String(scalar)
            }
        }
        return "$'" + escaped.joined() + "'"
    }
}
