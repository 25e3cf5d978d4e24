import Foundation
import Testing
import YuyanCore
import YuyanShift

@Suite struct CorrectionTests {
    /// Expected: Newton's method in NumPy 2 for the logistic regression, and β = min(exp h, c) · 12/8.
    @Test func importanceWeightsAreThoseOfTheirDefinition() throws {
        let (source, target) = (column(made(12, 1)), column(made(8, 7).map { $0 * 1.5 }))
        let linear = try importanceWeights(source: source, target: target, terms: .linear, maximum: 2)
        let expected: [Double] = [
            0.48864661, 0.6291191, 1.7949673, 1.15780766, 1.08727732, 0.85682086, 0.8894942, 0.74522426, 0.86965258,
            0.61010718, 0.79885852, 1.81679602,
        ]
        #expect(linear.shape == [12] && linear.dtype == .float32)
        // float32, and a penalty that keeps the coefficients finite.
        for (a, b) in zip(linear.array(of: Double.self), expected) { #expect(agree(a, b, 1e-5)) }
        let quadratic = try importanceWeights(source: source, target: target)
        let curved: [Double] = [
            1.49534953, 0.71858661, 2.36467522, 0.62677928, 0.57135104, 0.50248151, 0.50091118, 0.54885728, 0.50133537,
            0.76904485, 0.51737591, 2.4946323,
        ]
        for (a, b) in zip(quadratic.array(of: Double.self), curved) { #expect(agree(a, b, 1e-5)) }
        let capped = try importanceWeights(source: source, target: target, maximum: 0.8)
        #expect(capped.max().item() == Double(Float(0.8 * 1.5)))
    }

    /// y = x³ − x + N(0, 0.1²), source x ~ N(0.5, 0.5²), target x ~ N(0, 0.3²), a straight line.
    @Test func weightsHelpUnderCovariateShift() throws {
        try withSeed(0) {
            let source = Tensor.normal([200], mean: 0.5, standardDeviation: 0.5)
            let target = Tensor.normal([200], standardDeviation: 0.3)
            func truth(_ x: Tensor) -> Tensor { x * x * x - x + Tensor.normal([200], standardDeviation: 0.1) }
            let (y, z) = (truth(source), truth(target))
            let weights = try importanceWeights(source: source, target: target)
            // p/q of the two normal distributions.
            let exact = source.array(of: Double.self).map {
                min(0.5 / 0.3 * exp(-$0 * $0 / 0.18 + ($0 - 0.5) * ($0 - 0.5) / 0.5), 10)
            }
            let found = weights.array(of: Double.self)
            #expect(correlation(found, exact) > 0.95)
            #expect(effectiveSampleSize(weights) > 20 && effectiveSampleSize(weights) < 150)
            /// The error on the target of the line that the weighted risk is least for.
            func error(_ weights: Tensor) -> Double {
                func mean(_ x: Tensor) -> Double { weightedRisk(x, weights: weights).item() / weights.mean().item() }
                let (center, level) = (mean(source), mean(y))
                let slope = mean((source - center) * (y - level)) / mean((source - center) * (source - center))
                return ((target - center) * slope + level - z).pow(2).mean().item()
            }
            let (plain, weighted) = (error(Tensor.ones([200])), error(weights))
            #expect(weighted < plain / 3, "\(weighted) and \(plain)")
        }
    }

    @Test func theWeightedRiskIsAWeightedMean() {
        let losses = Parameter(Tensor([1, 2, 4] as [Float]))
        let risk = weightedRisk(losses, weights: Tensor([0, 3, 0.5] as [Float]))
        #expect(agree(risk.item(), 8.0 / 3, 1e-6))
        risk.backward()
        #expect(losses.gradient!.array(of: Float.self) == [0, 1, 0.5 / 3])
        #expect(effectiveSampleSize(Tensor([2, 2, 2, 2] as [Float])) == 4)
        #expect(effectiveSampleSize(Tensor([0, 5, 0] as [Float])) == 1)
    }

    /// Two systems that are published with their solutions.
    @Test func systemsAreSolved() throws {
        let cases: [(confusion: [[Double]], shares: [Double], expected: [Double])] = [
            (
                [[0.85986954, 0.12766461], [0.14013031, 0.87233531]], [0.26727438, 0.73272562],
                [0.19067034, 0.80932975]
            ),
            ([[0.91566265, 0.08964144], [0.08433735, 0.91035855]], [0.245, 0.755], [0.18808059, 0.81191933]),
            // The first pivot is 0.
            ([[0, 1], [1, 0]], [0.3, 0.7], [0.7, 0.3]),
            ([[1]], [1], [1]),
            // (−0.2, 1.2) without what cannot be.
            ([[0.75, 0.25], [0.25, 0.75]], [0.15, 0.85], [0, 1]),
        ]
        for (confusion, shares, expected) in cases {
            let found = try targetClassShares(confusion: confusion, predictedShares: shares)
            for (a, b) in zip(found, expected) { #expect(abs(a - b) < 1e-6, "\(found)") }
        }
        #expect(throws: ShiftError.singularConfusion) {
            try targetClassShares(confusion: [[0.6, 0.6], [0.4, 0.4]], predictedShares: [0.5, 0.5])
        }
    }

    @Test func countsGiveTheWeights() throws {
        // 80 % of class 0 and 90 % of class 1 are found: C = [[0.8, 0.1], [0.2, 0.9]].
        let counts = [[80, 20], [30, 270]]
        // q = (0.6, 0.4) is predicted as (0.52, 0.48).
        let predictions = Tensor([Int](repeating: 0, count: 52) + [Int](repeating: 1, count: 48))
        let correction = try LabelShiftCorrection(counts: counts, targetPredictions: predictions)
        #expect(correction.sourceShares == [0.25, 0.75])
        for (a, b) in zip(correction.targetShares, [0.6, 0.4]) { #expect(abs(a - b) < 1e-12) }
        for (a, b) in zip(correction.classWeights, [2.4, 0.4 / 0.75]) { #expect(abs(a - b) < 1e-12) }
        let weights = correction.weights(of: Tensor([1, 0, 1]))
        #expect(weights.shape == [3] && weights.dtype == .float32)
        for (a, b) in zip(weights.array(of: Double.self), [0.4 / 0.75, 2.4, 0.4 / 0.75]) { #expect(abs(a - b) < 1e-6) }
    }

    @Test func whatCannotBeCorrectedIsAnError() async throws {
        let predictions = Tensor([0, 1, 1])
        #expect(throws: ShiftError.unseenClass(1)) {
            try LabelShiftCorrection(counts: [[3, 0], [0, 0]], targetPredictions: predictions)
        }
        #expect(throws: ShiftError.singularConfusion) {
            try LabelShiftCorrection(counts: [[3, 1], [6, 2]], targetPredictions: predictions)
        }
        #expect(throws: ShiftError.tooFewSamples(count: 0, needed: 1)) {
            try LabelShiftCorrection(counts: [[3, 0], [0, 3]], targetPredictions: Tensor.zeros([0], dtype: .int64))
        }
        #expect(throws: ShiftError.notFinite(row: 0, feature: 0)) {
            try importanceWeights(source: column([.infinity]), target: column([1]))
        }
        #expect("\(ShiftError.unseenClass(1))" == "class 1 does not occur in the source")
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = try LabelShiftCorrection(counts: [[3, 0], [0, 3]], targetPredictions: Tensor([0, 2]))
        }
        let text = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
        #expect(text.contains("LabelShiftCorrection: the predictions are classes in 0..<2, not 2"), "\(text)")
    }
}

private func correlation(_ a: [Double], _ b: [Double]) -> Double {
    let (meanA, meanB) = (a.reduce(0, +) / Double(a.count), b.reduce(0, +) / Double(b.count))
    let products = zip(a, b).reduce(0) { $0 + ($1.0 - meanA) * ($1.1 - meanB) }
    let squares = (a.reduce(0) { $0 + ($1 - meanA) * ($1 - meanA) }, b.reduce(0) { $0 + ($1 - meanB) * ($1 - meanB) })
    return products / (squares.0 * squares.1).squareRoot()
}
