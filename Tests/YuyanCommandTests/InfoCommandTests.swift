import Foundation
import Testing
import YuyanCore

@Suite struct InfoCommandTests {
    @Test func describesMachineAndBuild() throws {
        let child = try Child.run(["info"], environment: ["YUYAN_DEVICE": "reference", "COLUMNS": ""])
        #expect(child.status == 0 && child.errors == "")
        let lines = child.output.split(separator: "\n")
        #expect(lines.allSatisfy { $0.count <= 80 })
        let version = try Child.run("--version").output.trimmingCharacters(in: .newlines)
        #if DEBUG
            let build = "debug"
        #else
            let build = "release"
        #endif
        #expect(lines[0].hasPrefix("Yuyan ") && lines[0].hasSuffix("  \(version), \(build) build"))
        for title in [
            "system", "processor", "instructions", "our loops use", "oneDNN", "LAPACK", "devices", "threads", "cores",
            "memory", "data", "pictures",
        ] {
            #expect(lines.contains { $0.hasPrefix(title + "  ") }, "\(title)")
        }
        #expect(!child.output.contains("unknown"))
        #expect(child.output.contains("; in use: reference (YUYAN_DEVICE=reference)\n"))
    }

    @Test func namesVariablesThatAreSet() throws {
        let variables = [
            "ONEDNN_MAX_CPU_ISA": "AVX2", "OMP_NUM_THREADS": "1", "PATH": "/nowhere",
            "YUYAN_LAPACK": "/nowhere/lapack.so",
        ]
        let child = try Child.run(["info"], environment: variables)
        let lapack = child.output.replacing(/\n +/, with: " ")
        let found = Device.cpu.isAvailable ? "not installed: apt-get install liblapack3" : "not in this build"
        #expect(lapack.contains("\nLAPACK         \(found) (YUYAN_LAPACK=/nowhere/lapack.so)\n"))
        #expect(child.output.contains(" (ONEDNN_MAX_CPU_ISA=AVX2)\n"))
        #expect(child.output.contains("\nthreads        1 (OMP_NUM_THREADS=1)\n"))
        #expect(child.output.contains("\npictures       gnuplot: not installed: apt-get install gnuplot-nox\n"))
        #expect(child.output.contains("\npictures       dot: not installed: apt-get install graphviz\n"))
    }

    /// One variable, by either of its names, limits our loops together with oneDNN; a name of no instructions is refused.
    @Test func instructionsCanBeLimited() throws {
        let best = try Child.run(["info"]).output
        let limited = try Child.run(["info"], environment: ["ONEDNN_MAX_CPU_ISA": "avx2"]).output
        let expected = best.contains("our loops use  baseline") ? "baseline" : "AVX2"
        #expect(limited.contains("\nour loops use  \(expected) (ONEDNN_MAX_CPU_ISA=avx2)\n"))
        for variable in ["ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA"] {
            let child = try Child.run(["info"], environment: [variable: "fastest"])
            #expect(child.status != 0)
            #expect(child.errors.contains("\(variable) is 'fastest'; it takes names such as SSE41, AVX2"))
        }
    }

    /// A library in lib/yuyan beside the program's folder is taken before the system's, unless one that it needs is missing.
    @Test(.enabled(if: Device.cpu.isAvailable)) func findsLAPACKBesideTheProgram() throws {
        struct Report: Decodable {
            var lapack: String?
        }
        func lapack(_ program: URL = Child.executable) throws -> String {
            let child = try Child.run(["info", "--json"], program: program)
            let report = try JSONDecoder().decode(Report.self, from: Data(child.output.utf8))
            let lapack = try #require(report.lapack)
            return lapack
        }
        let system = URL(fileURLWithPath: try lapack()).deletingLastPathComponent()
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("yuyan-info-\(UUID().uuidString)")
        let (programs, libraries) = (folder.appendingPathComponent("bin"), folder.appendingPathComponent("lib/yuyan"))
        for folder in [programs, libraries] {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        }
        defer { try? FileManager.default.removeItem(at: folder) }
        let program = programs.appendingPathComponent("yuyan")
        try FileManager.default.copyItem(at: Child.executable, to: program)
        for name in ["libquadmath.so.0", "libgfortran.so.5", "libblas.so.3", "liblapack.so.3"] {
            let source = system.appendingPathComponent(name)
            guard FileManager.default.fileExists(atPath: source.path) else { continue }
            try FileManager.default.createSymbolicLink(
                at: libraries.appendingPathComponent(name), withDestinationURL: source)
        }
        #expect(try lapack(program) == libraries.appendingPathComponent("liblapack.so.3").path)
        try FileManager.default.removeItem(at: libraries.appendingPathComponent("libblas.so.3"))
        #expect(try lapack(program) == system.appendingPathComponent("liblapack.so.3").path)
    }

    @Test func printsJSON() throws {
        struct Report: Decodable {
            struct Machine: Decodable {
                var cpu: String
                var cores: Int
                var memoryBytes: Int
                var system: String
                var kernel: String
            }
            struct DataSet: Decodable {
                var name: String
                var isFound: Bool
                var folder: String
            }
            struct Program: Decodable {
                var name: String
                var path: String?
                var package: String
            }
            var yuyan: String
            var machine: Machine
            var instructionSets: [String]
            var instructionsInUse: String
            var device: String
            var devices: [String]
            var threads: Int
            var availableCores: Int
            var availableMemoryBytes: Int
            var dataSets: [DataSet]
            var programs: [Program]
            var environment: [String: String]
        }
        let variables = ["OMP_NUM_THREADS": "3", "DNNL_MAX_CPU_ISA": "SSE41"]
        let child = try Child.run(["info", "--json"], environment: variables)
        #expect(child.status == 0)
        #expect(child.output.filter { $0 == "\n" }.count == 1)
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let report = try decoder.decode(Report.self, from: Data(child.output.utf8))
        #expect(report.threads == 3)
        #expect((1...report.machine.cores).contains(report.availableCores))
        #expect((1...report.machine.memoryBytes).contains(report.availableMemoryBytes))
        #expect(report.devices.contains(report.device))
        #expect(report.instructionsInUse == "baseline")
        #expect(report.dataSets.map(\.name) == ["fashion-mnist"])
        for set in report.dataSets {
            let files = (try? FileManager.default.contentsOfDirectory(atPath: set.folder)) ?? []
            #expect(set.isFound == !files.isEmpty)
        }
        #expect(report.programs.map(\.name) == ["gnuplot", "dot"])
        // Names of variables are left as they are.
        #expect(child.output.contains(#""DNNL_MAX_CPU_ISA":"SSE41""#))
    }
}
