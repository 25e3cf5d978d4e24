import Testing
import YuyanCore
import YuyanShift

@Suite struct ShiftDiagnosisTests {
    /// Expected: Newton's method in NumPy 2 on the terms as the documentation defines them, and `scipy.stats.chi2.sf` of
    /// SciPy 1.17.1. Class 2 is rare: 5 of 200 and 13 of 150.
    @Test func evidenceIsThatOfItsDefinition() throws {
        func labels(_ features: [Double], _ feature: Int, _ first: Int, _ second: Int) -> Tensor {
            let n = features.count / 2
            let (a, b) = (made(n, first), made(n, second))
            return Tensor(
                (0..<n).map {
                    (a[$0] < features[2 * $0 + feature] ? 1 : 0) + (b[$0] < 0.3 * features[2 * $0 + 1] ? 1 : 0)
                })
        }
        let source = made(400, 1)
        let target = made(300, 7).map { $0 * 1.1 }
        let diagnosis = try ShiftDiagnosis(
            source: LabeledSample(features: rows(source, of: 2), labels: labels(source, 0, 3, 4)),
            target: LabeledSample(features: rows(target, of: 2), labels: labels(target, 1, 5, 6)))
        let expected: [(ShiftDiagnosis.Evidence, Double, Int, Double)] = [
            (diagnosis.joint, 65.89897712095171, 12, 1.8586203664998795e-09),
            (diagnosis.inputs, 28.542548900730765, 5, 2.8505259455618525e-05),
            (diagnosis.labels, 8.1851465930868, 2, 0.01669621392160672),
            (diagnosis.inputsGivenLabels, 57.713830527865014, 10, 9.786272122521848e-09),
            (diagnosis.labelsGivenInputs, 38.234126953106745, 7, 2.734890117919849e-06),
        ]
        for (evidence, statistic, degreesOfFreedom, pValue) in expected {
            // A penalty keeps the coefficients finite: it changes the sixth digit.
            #expect(agree(evidence.statistic, statistic, 1e-5), "\(evidence)")
            #expect(agree(evidence.pValue, pValue, 1e-4), "\(evidence)")
            #expect(evidence.degreesOfFreedom == degreesOfFreedom)
            #expect(evidence.hasMoved == (pValue <= 0.01))
        }
        #expect(diagnosis.terms == .quadratic && diagnosis.level == 0.01)
        #expect(diagnosis.kind == .concept)
        #expect(diagnosis.description.hasPrefix("shift: concept\n  p(x, y)  moved    G = 65.9, 12 degrees"))
        #expect(diagnosis.description.contains("  p(y)     did not  G = 8.2, 2 degrees of freedom, p = 0.017\n"))
    }

    /// A small `ShiftStudy`.
    @Test(arguments: ShiftKind.allCases) func kindsAreNamed(_ kind: ShiftKind) throws {
        let found = try withSeed(0) {
            try (0..<10).map { _ in
                let example = ShiftExample(kind)
                return try ShiftDiagnosis(source: example.source, target: example.target).kind
            }
        }
        #expect(found.count { $0 == kind } >= 9, "\(found)")
    }

    @Test func evidenceSaysWhatMoved() throws {
        let covariate = withSeed(5) { ShiftExample(.covariate, effect: 1) }
        let first = try ShiftDiagnosis(source: covariate.source, target: covariate.target)
        #expect(first.inputs.hasMoved && first.inputsGivenLabels.hasMoved && !first.labelsGivenInputs.hasMoved)
        let label = withSeed(5) { ShiftExample(.label, effect: 0.3) }
        let second = try ShiftDiagnosis(source: label.source, target: label.target)
        #expect(second.labels.hasMoved && second.inputs.hasMoved && !second.inputsGivenLabels.hasMoved)
        let concept = withSeed(5) { ShiftExample(.concept, effect: 1) }
        let third = try ShiftDiagnosis(source: concept.source, target: concept.target)
        #expect(third.labelsGivenInputs.hasMoved && third.inputsGivenLabels.hasMoved && !third.inputs.hasMoved)
    }

    @Test func extremesAreNamed() throws {
        let (x, y) = withSeed(6) {
            (Tensor.normal([300, 2]), Tensor.bernoulli([300], probability: 0.4).cast(to: .int64))
        }
        let sample = LabeledSample(features: x, labels: y)
        #expect(try ShiftDiagnosis(source: sample, target: sample).kind == .none)
        // There is no overlap, so that p(y | x) cannot be compared.
        let far = LabeledSample(features: x + 100, labels: y)
        #expect(try ShiftDiagnosis(source: sample, target: far).kind == .covariate)
        let opposite = LabeledSample(features: x, labels: (x[.all, 0] .> 0).cast(to: .int64))
        let turned = LabeledSample(features: x, labels: (x[.all, 0] .<= 0).cast(to: .int64))
        #expect(try ShiftDiagnosis(source: opposite, target: turned).kind == .concept)
        // One class, constant and repeated features.
        let one = LabeledSample(features: Tensor.ones([200, 3]), labels: Tensor.zeros([200], dtype: .int64))
        #expect(try ShiftDiagnosis(source: one, target: one).kind == .none)
        let twice = LabeledSample(features: concatenate([x, x], axis: 1), labels: y)
        let diagnosis = try ShiftDiagnosis(source: twice, target: twice)
        #expect(diagnosis.inputs.degreesOfFreedom == 5)
    }

    @Test func theLevelBoundsFalseAlarms() throws {
        let alarms = try withSeed(0) {
            try (0..<60).count { _ in
                let example = ShiftExample(.none, count: 120, featureCount: 2)
                return try ShiftDiagnosis(source: example.source, target: example.target, level: 0.05).kind != .none
            }
        }
        // Three standard errors above 5 %.
        #expect(Double(alarms) / 60 <= 0.05 + 3 * (0.05 * 0.95 / 60).squareRoot(), "\(alarms)")
    }

    @Test func examplesAreWhatTheySay() {
        withSeed(7) {
            let covariate = ShiftExample(.covariate, effect: 1.2, count: 4000)
            #expect(covariate.source.features.shape == [4000, 3] && covariate.target.labels.shape == [4000])
            #expect(covariate.kind == .covariate && covariate.effect == 1.2)
            // The means differ by the effect; standard error 0.02 or so in each of three directions.
            let gap = covariate.target.features.mean(axis: 0) - covariate.source.features.mean(axis: 0)
            #expect(abs(gap.norm().item() - 1.2) < 0.1)
            let label = ShiftExample(.label, effect: 0.4, count: 4000)
            let shares = [label.source, label.target].map { $0.labels.cast(to: .float64).mean().item() }
            #expect(abs(abs(shares[0] - shares[1]) - 0.4) < 0.04)
            let concept = ShiftExample(.concept, count: 4000)
            #expect(ShiftExample.effects(of: .concept).contains(concept.effect))
            let moved = concept.target.features.mean(axis: 0) - concept.source.features.mean(axis: 0)
            #expect(moved.norm().item() < 0.1)
            #expect(ShiftExample(.none, count: 10).effect == 0)
        }
        func drawn(_ seed: UInt64) -> [Float] {
            withSeed(seed) { ShiftExample(.concept, count: 5).target.features.array() }
        }
        #expect(drawn(1) == drawn(1))
        #expect(drawn(1) != drawn(2))
    }

    @Test func whatCannotBeComparedIsAnError() async throws {
        let small = LabeledSample(features: Tensor.zeros([29, 2]), labels: Tensor.zeros([29], dtype: .int64))
        #expect(throws: ShiftError.tooFewSamples(count: 29, needed: 30)) {
            try ShiftDiagnosis(source: small, target: small)
        }
        let broken = LabeledSample(features: Tensor.full([50], Double.nan), labels: Tensor.zeros([50], dtype: .int64))
        #expect(throws: ShiftError.notFinite(row: 0, feature: 0)) { try ShiftDiagnosis(source: broken, target: broken) }
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = LabeledSample(features: Tensor.zeros([4, 3]), labels: Tensor.zeros([3], dtype: .int64))
        }
        let text = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
        #expect(text.contains("LabeledSample: features are [n, d] and labels [n], got [4, 3] and [3]"), "\(text)")
    }
}
