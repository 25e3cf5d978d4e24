import Foundation
import YuyanCore

/// The machine and the software that numbers were taken on.
package struct Machine: Encodable, Sendable {
    package var cpu: String
    /// Family and model, as the processor tells them: the name is often no more than that of its maker.
    package var cpuModel: String?
    package var cores: Int
    package var memoryBytes: UInt64
    package var system: String
    package var kernel: String

    package static let current: Machine = {
        let processor = ProcFile("/proc/cpuinfo")
        let system = ProcFile("/etc/os-release", separator: "=")
        return Machine(
            cpu: processor["model name"] ?? "unknown",
            cpuModel: processor["cpu family"].map { "family \($0), model \(processor["model"] ?? "unknown")" },
            cores: ProcessInfo.processInfo.processorCount, memoryBytes: ProcessInfo.processInfo.physicalMemory,
            system: system["PRETTY_NAME"] ?? "unknown",
            kernel: FileManager.default.contents(atPath: "/proc/sys/kernel/osrelease")
                .map { String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines) }
                ?? "unknown")
    }()

    /// The processor, its family and model.
    package var processor: String { cpu + (cpuModel.map { " (\($0))" } ?? "") }

    /// `Debian GNU/Linux 12 (bookworm), Linux 6.1.0`.
    package var systemAndKernel: String { "\(system), Linux \(kernel)" }

    /// What of the processor's instructions matters for arithmetic, by the names that people use.
    package static var instructionSets: [String] {
        let processor = ProcFile("/proc/cpuinfo")
        let flags = Set((processor["flags"] ?? processor["Features"] ?? "").split(separator: " ").map(String.init))
        return known.filter { flags.contains($0.flag) }.map(\.name)
    }

    /// As Linux calls them, and as people do.
    private static let known: [(flag: String, name: String)] = [
        ("sse4_2", "SSE4.2"), ("avx", "AVX"), ("f16c", "F16C"), ("fma", "FMA"), ("avx2", "AVX2"),
        ("avx_vnni", "AVX-VNNI"), ("avx512f", "AVX-512F"), ("avx512cd", "AVX-512CD"), ("avx512bw", "AVX-512BW"),
        ("avx512dq", "AVX-512DQ"), ("avx512vl", "AVX-512VL"), ("avx512_vnni", "AVX-512-VNNI"),
        ("avx512_bf16", "AVX-512-BF16"), ("avx512_fp16", "AVX-512-FP16"), ("amx_tile", "AMX"),
        ("amx_bf16", "AMX-BF16"), ("asimd", "NEON"), ("sve", "SVE"), ("sve2", "SVE2"),
    ]

    /// Bytes that programs may still take.
    package static var availableMemoryBytes: Int? {
        ProcFile("/proc/meminfo")["MemAvailable"]?.split(separator: " ").first.flatMap { Int($0) }.map { $0 * 1024 }
    }

    /// The cores that this process may run on: fewer than there are under `taskset` or in a container.
    package static var availableCores: Int { ProcessInfo.processInfo.activeProcessorCount }
}

/// A file of names and values, line by line, as Linux describes itself.
package struct ProcFile {
    private var values: [String: String] = [:]

    /// A file that cannot be read holds nothing. Of values with one name the first counts: processors are alike.
    package init(_ path: String, separator: Character = ":") {
        guard let data = FileManager.default.contents(atPath: path) else { return }
        for line in String(decoding: data, as: UTF8.self).split(separator: "\n") {
            guard let end = line.firstIndex(of: separator) else { continue }
            let name = line[..<end].trimmingCharacters(in: .whitespaces)
            let value = line[line.index(after: end)...]
            if values[name] == nil { values[name] = value.trimmingCharacters(in: CharacterSet(charactersIn: " \t\"")) }
        }
    }

    package subscript(name: String) -> String? { values[name] }
}
