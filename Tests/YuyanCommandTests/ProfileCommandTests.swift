import Foundation
import Testing
import Yuyan

/// `yuyan bench --profile`: what it says, not how fast that is.
@Suite struct ProfileCommandTests {
    private static let hasFashionMNIST = FileManager.default.fileExists(atPath: FashionMNIST.systemFolder.path)

    private func profile(_ arguments: String..., in environment: [String: String] = [:]) throws -> (Child, [String]) {
        let folder = try DataFolder()
        let child = try Child.run(
            ["bench", "--seconds", "0.00001", "--trace", folder.file("trace.json").path, "--profile"] + arguments,
            environment: environment)
        let lines = child.output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            .filter { !$0.contains(folder.path) }
        for line in lines { #expect(DisplayText.width(line) <= 80, "\(line)") }
        return (child, lines)
    }

    /// The lines under a title, to the next empty one.
    private func table(_ title: String, in lines: [String]) -> [String] {
        lines.drop { !$0.hasPrefix(title) }.dropFirst().prefix { !$0.isEmpty }.map { $0 }
    }

    @Test func theReferenceDeviceHasNoFastPath() throws {
        let (child, lines) = try profile(
            "linear-regression", "--batch-size", "7", in: ["YUYAN_DEVICE": "reference"])
        #expect(child.status == 0, "\(child.errors)")
        #expect(lines.contains { $0.hasPrefix("linear-regression, batches of 7, on reference, ") }, "\(child.output)")
        #expect(lines.contains("No fast path (see below): 1 of 1 layers."))
        let layers = table("layer, kernel", in: lines)
        let linear = layers.drop { !$0.hasPrefix("0 (Linear)") }.dropFirst().prefix { $0.hasPrefix("  ") }
        let names = linear.map { $0.trimmingCharacters(in: .whitespaces) }
        #expect(names.contains { $0.hasPrefix("weight gradient  ") && $0.contains("Reference") }, "\(layers)")
        #expect(names.first == "no fast path: the plain loops of Reference", "\(layers)")
    }

    @Test func layersAndTheirSharesAreShown() throws {
        let (child, lines) = try profile("linear-regression", in: ["YUYAN_DEVICE": "cpu"])
        #expect(child.status == 0, "\(child.errors)")
        #expect(lines.contains("Every layer has a fast path."))
        #expect(lines.contains { $0.hasPrefix("Copied into another layout: 0 images, 0 weights, ") })
        let costliest = table("costliest layers", in: lines)
        #expect(costliest.contains { $0.hasPrefix("0 (Linear)  ") }, "\(costliest)")
        #expect(try #require(costliest.last).wholeMatch(of: /step .* 100\.0 % +[\d.]+ +\d+ %/) != nil, "\(costliest)")
        #expect(
            table("phase", in: lines).map { $0.prefix { $0 != " " } } == [
                "data", "forward", "backward", "update", "step",
            ])
    }

    /// Where the data set is installed: forward and both gradients of a convolution.
    @Test(.enabled(if: hasFashionMNIST)) func passesOfAConvolutionAreApart() throws {
        let (child, lines) = try profile("lenet", "--batch-size", "3", in: ["YUYAN_DEVICE": "cpu"])
        #expect(child.status == 0, "\(child.errors)")
        let second = table("layer, kernel", in: lines).drop { !$0.hasPrefix("3 (Conv2D)") }.dropFirst()
            .prefix { $0.hasPrefix("  ") }
        // Who computed it, µs, GFLOP/s, the share and GB/s.
        let row = /\ \ (.+?)\ \ +\S+ +[\d.]+ +[\d.]+ +\d+ % +\d+/
        let passes = second.compactMap { $0.wholeMatch(of: row).map { String($0.output.1) } }
        for pass in ["convolution + sigmoid", "input gradient", "weight gradient"] {
            #expect(passes.contains(pass), "\(pass): \(second)")
        }
    }

    @Test func itIsShownInChinese() throws {
        let (child, lines) = try profile(
            "linear-regression",
            in: [
                "LC_ALL": "", "LC_MESSAGES": "", "LANG": "zh_CN.UTF-8", "LANGUAGE": "", "COLUMNS": "80",
                "YUYAN_DEVICE": "reference",
            ])
        #expect(child.status == 0, "\(child.errors)")
        for title in ["最费时的层", "层，内核", "阶段"] {
            #expect(lines.contains { $0.hasPrefix(title + "  ") }, "\(title): \(child.output)")
        }
        #expect(lines.contains { $0 == "  没有快速实现：Reference 的普通循环" }, "\(child.output)")
        #expect(lines.contains { $0.hasPrefix("  权重的梯度  ") }, "\(child.output)")
        // Kernels, whose last column is 80 wide at most.
        let kernels = table("层，内核", in: lines).filter { $0.hasPrefix("  ") && $0.contains("  Reference  ") }
        #expect(Set(kernels.map { DisplayText.width($0) }) == [80], "\(kernels)")
    }

    @Test(.enabled(if: Precision.isComputedHere)) func bfloat16IsCompared() throws {
        let (child, lines) = try profile("linear-regression", "--precision", "bfloat16", in: ["YUYAN_DEVICE": "cpu"])
        #expect(child.status == 0, "\(child.errors)")
        #expect(lines.contains { $0.hasPrefix("linear-regression, ") && $0.hasSuffix(", bfloat16") }, "\(child.output)")
        #expect(lines.contains("bfloat16 has faster instructions; its share is still that of float32's peak."))
    }

    @Test(arguments: [
        (
            ["--profile", "mlp", "--batch-size", "8,9"],
            "--json and --profile take one --batch-size, but for --inference."
        ),
        (
            ["--profile", "mlp", "--batch-size", "0"],
            "--batch-size must be whole numbers of 1 to 65536 with commas, not '0'."
        ),
    ])
    func wrongOptionsAreNamed(arguments: [String], message: String) throws {
        let child = try Child.run(["bench"] + arguments)
        #expect(child.status == 64 && child.errors.hasPrefix("Error: \(message)"), "\(child.errors)")
    }
}

extension Precision {
    fileprivate static var isComputedHere: Bool { (try? Precision.bfloat16.check(on: .cpu)) != nil }
}
