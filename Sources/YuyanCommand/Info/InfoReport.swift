import Foundation
import Yuyan

/// What `yuyan info` prints, as text or JSON.
struct InfoReport: Encodable {
    struct DataSet: Encodable {
        var name: String
        var folder: String
        var isFound: Bool
        /// Debian's package that has it.
        var package: String
    }

    struct Program: Encodable {
        var name: String
        /// nil if it is not in `PATH`.
        var path: String?
        var package: String
    }

    var yuyan = YuyanCommand.configuration.version
    #if DEBUG
        var build = "debug"
    #else
        var build = "release"
    #endif
    var machine = Machine.current
    var instructionSets = Machine.instructionSets
    var instructionsInUse = Processor.instructionsInUse
    /// nil in a build without it.
    var oneDNN = Device.oneDNNVersion
    /// The library's file, nil if there is none.
    var lapack = Device.lapackPath
    var device = Device.current.description
    var devices = Device.available.map(\.description)
    var threads = ComputeThreads.count
    var availableCores = Machine.availableCores
    var availableMemoryBytes = Machine.availableMemoryBytes
    var dataSets = KnownDataset.all.map {
        DataSet(name: $0.name, folder: $0.folder.path, isFound: $0.isPresent($0.folder), package: $0.package)
    }
    var programs = Programs.forPictures.map {
        Program(name: $0.name, path: Programs.current.url(of: $0.name)?.path, package: $0.package)
    }
    /// The variables of the environment that change any of this, as far as they are set.
    var environment: [String: String]

    private static let threadVariables = ["OMP_NUM_THREADS", "OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "OMP_PROC_BIND"]
    private static let deviceVariables = ["YUYAN_DEVICE"]
    private static let lapackVariables = ["YUYAN_LAPACK"]

    init() {
        let names =
            Processor.limitingVariables + InfoReport.threadVariables + InfoReport.deviceVariables
            + InfoReport.lapackVariables
        let all = ProcessInfo.processInfo.environment
        environment = all.filter { names.contains($0.key) }
    }

    func text(_ terminal: Terminal) -> String {
        let cores =
            availableCores == machine.cores
            ? "\(machine.cores)" : localized("\(machine.cores), of which this process may use \(availableCores)")
        let allMemory = NumberText.bytes(Int(machine.memoryBytes))
        let memory =
            availableMemoryBytes.map { localized("\(allMemory), of which \(NumberText.bytes($0)) are available") }
            ?? allMemory
        let unknown = localized("unknown")
        let inUse = localized("\(devices.joined(separator: ", ")); in use: \(device)")
        let lines =
            [
                ("Yuyan", localized("\(yuyan), \(build) build")),
                (localized("system"), machine.systemAndKernel),
                (localized("processor"), machine.processor),
                (
                    localized("instructions"),
                    instructionSets.isEmpty ? unknown : instructionSets.joined(separator: ", ")
                ),
                (localized("our loops use"), instructionsInUse + set(Processor.limitingVariables)),
                ("oneDNN", oneDNN ?? localized("not in this build")),
                (
                    "LAPACK",
                    (oneDNN == nil ? localized("not in this build") : lapack ?? missing("liblapack3"))
                        + set(InfoReport.lapackVariables)
                ),
                (localized("devices"), inUse + set(InfoReport.deviceVariables)),
                (localized("threads"), "\(threads)\(set(InfoReport.threadVariables))"),
                (localized("cores"), cores),
                (localized("memory"), memory),
            ]
            + dataSets.map {
                (localized("data"), "\($0.name): " + ($0.isFound ? localized("in \($0.folder)") : missing($0.package)))
            }
            + programs.map { (localized("pictures"), "\($0.name): " + ($0.path ?? missing($0.package))) }
        let indent = (lines.map { DisplayText.width($0.0) }.max() ?? 0) + 2
        return lines.map { title, text in
            let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
            return DisplayText.padded(title, to: indent) + terminal.wrapped(words, indent: indent) + "\n"
        }.joined()
    }

    private func missing(_ package: String) -> String { localized("not installed: apt-get install \(package)") }

    /// Those variables that are set, in parentheses.
    private func set(_ variables: [String]) -> String {
        let settings = variables.compactMap { name in environment[name].map { "\(name)=\($0)" } }
        return settings.isEmpty ? "" : " (\(settings.joined(separator: ", ")))"
    }
}
