import Foundation
import Yuyan

/// The machine and the software that numbers were taken on.
struct Machine: Encodable {
    var cpu: String
    var cores: Int
    var memoryBytes: UInt64
    var system: String
    var kernel: String

    static var current: Machine {
        let model = lines("/proc/cpuinfo").first { $0.hasPrefix("model name") }
        let system = lines("/etc/os-release").first { $0.hasPrefix("PRETTY_NAME=") }
        return Machine(
            cpu: model.map { value($0, after: ":") } ?? "unknown", cores: ProcessInfo.processInfo.processorCount,
            memoryBytes: ProcessInfo.processInfo.physicalMemory,
            system: system.map { value($0, after: "=") } ?? "unknown",
            kernel: lines("/proc/sys/kernel/osrelease").first ?? "unknown")
    }

    private static func lines(_ path: String) -> [String] {
        let text = FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
        return text.split(separator: "\n").map(String.init)
    }

    private static func value(_ line: String, after separator: Character) -> String {
        let value = line[line.index(after: line.firstIndex(of: separator)!)...]
        return value.trimmingCharacters(in: CharacterSet(charactersIn: " \t\""))
    }
}
