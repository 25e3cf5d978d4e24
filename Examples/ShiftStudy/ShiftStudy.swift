import ArgumentParser
import Foundation
import Yuyan

/// How often the tests for distribution shift raise a false alarm, and how often the kind of a shift is named rightly: the
/// tables of Documentation/Shift.md, by `swift run -c release ShiftStudy`.
@main
struct ShiftStudy: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ShiftStudy", abstract: "Measure the tests for distribution shift on made-up data.")

    @Option(help: "How often each test is run where nothing has moved.")
    var draws = 2000

    @Option(help: "How many data sets of each kind of shift are diagnosed.")
    var examples = 100

    @Option(help: "Seed of all data and of the tests' own draws.")
    var seed: UInt64 = 0

    func validate() throws {
        guard draws > 0, examples > 0 else { throw ValidationError("--draws and --examples must be above 0.") }
    }

    func run() throws {
        try withSeed(seed) {
            try printFalseAlarms()
            print()
            try printKinds()
        }
    }

    private struct Test {
        var name: String
        var samples: String
        /// Whether the rate is 5 %, or at most that.
        var isBound = false
        /// Of two new samples without a shift.
        var pValue: () throws -> Double
    }

    private var tests: [Test] {
        func classes(_ count: Int) -> Tensor { (Tensor.uniform([count]) * 4).cast(to: .int64) }
        return [
            Test(name: "Kolmogorov–Smirnov", samples: "100 and 80 values", isBound: true) {
                try kolmogorovSmirnovTest(Tensor.normal([100]), Tensor.normal([80])).pValue
            },
            Test(name: "Kolmogorov–Smirnov, Bonferroni", samples: "100 and 80 rows of 5", isBound: true) {
                try kolmogorovSmirnovTests(Tensor.normal([100, 5]), Tensor.normal([80, 5])).pValue
            },
            Test(name: "chi-squared", samples: "200 and 150 labels of 4 classes") {
                try chiSquaredTest(classes(200), classes(150)).pValue
            },
            Test(name: "maximum mean discrepancy", samples: "40 and 30 rows of 3") {
                try maximumMeanDiscrepancyTest(Tensor.normal([40, 3]), Tensor.normal([30, 3])).pValue
            },
            Test(name: "domain classifier", samples: "400 and 300 rows of 3", isBound: true) {
                try domainClassifierTest(Tensor.normal([400, 3]), Tensor.normal([300, 3])).pValue
            },
            Test(name: "kind of shift, not `none`", samples: "300 and 300 rows of 3", isBound: true) {
                let example = ShiftExample(.none, count: 300)
                let diagnosis = try ShiftDiagnosis(source: example.source, target: example.target, level: 0.05)
                return diagnosis.kind == .none ? 1 : 0
            },
        ]
    }

    private func printFalseAlarms() throws {
        let error = (0.05 * 0.95 / Double(draws)).squareRoot()
        print(
            "False alarms at 5 % in \(draws) draws without a shift; three standard errors are \(percent(3 * error)).\n")
        print("| test | samples | promised | found |\n|---|---|---:|---:|")
        for test in tests {
            let alarms = try (0..<draws).count { _ in try test.pValue() <= 0.05 }
            let promise = test.isBound ? "≤ 5 %" : "5 %"
            print("| \(test.name) | \(test.samples) | \(promise) | \(percent(Double(alarms) / Double(draws))) |")
        }
    }

    private func printKinds() throws {
        let kinds = ShiftKind.allCases
        print("What \(examples) data sets of each kind are taken for, of 1000 and 1000 rows.\n")
        print("| truth | " + kinds.map(\.rawValue).joined(separator: " | ") + " |")
        print("|---|" + kinds.map { _ in "---:|" }.joined())
        var confusion = ConfusionMatrix(classNames: kinds.map(\.rawValue))
        for (label, kind) in kinds.enumerated() {
            for _ in 0..<examples {
                let example = ShiftExample(kind)
                let found = try ShiftDiagnosis(source: example.source, target: example.target).kind
                confusion.add(labels: [label], predictions: [kinds.firstIndex(of: found)!])
            }
            print("| \(kind.rawValue) | " + confusion.counts[label].map { "\($0)" }.joined(separator: " | ") + " |")
        }
    }

    private func percent(_ share: Double) -> String { String(format: "%.2f %%", 100 * share) }
}
