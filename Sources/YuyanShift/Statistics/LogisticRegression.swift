import Foundation

/// The logistic regression P(target | row) = 1 / (1 + exp(−h)), h = w · row, that makes the given truths most probable.
///
/// By Newton's steps, halved where they overshoot. A penalty of 10⁻⁶ |w|² / 2 in all, against thousands of rows, keeps w finite
/// where the rows can be told apart without an error.
struct LogisticRegression {
    let weights: [Double]
    /// Σ ln P(truth).
    let logLikelihood: Double

    private static let penalty = 1e-6

    /// - Parameters:
    ///   - rows: as `Columns.basis()` gives them.
    ///   - isTarget: a truth for each.
    init(_ rows: Samples, isTarget: [Bool]) {
        let p = rows.featureCount
        var weights = [Double](repeating: 0, count: p)
        var current = Self.objective(rows, isTarget, weights)
        for _ in 0..<100 {
            guard let step = Self.newtonStep(rows, isTarget, weights) else { break }
            var size = 1.0
            var next = weights
            var reached = -Double.infinity
            while size > 1e-6 {
                for index in 0..<p { next[index] = weights[index] + size * step[index] }
                reached = Self.objective(rows, isTarget, next)
                if reached >= current { break }
                size /= 2
            }
            guard reached >= current else { break }
            let gain = reached - current
            (weights, current) = (next, reached)
            if gain < 1e-10 * (1 + abs(current)) { break }
        }
        self.weights = weights
        logLikelihood = current + Self.penalty / 2 * weights.reduce(0) { $0 + $1 * $1 }
    }

    /// h of each row.
    func logits(_ rows: Samples) -> [Double] { Self.logits(rows, weights) }

    private static func logits(_ rows: Samples, _ weights: [Double]) -> [Double] {
        let p = weights.count
        return (0..<rows.rowCount).map { row in
            var sum = 0.0
            for index in 0..<p { sum += rows.values[row * p + index] * weights[index] }
            return sum
        }
    }

    /// Σ ln P(truth), less the penalty.
    private static func objective(_ rows: Samples, _ isTarget: [Bool], _ weights: [Double]) -> Double {
        var sum = -penalty / 2 * weights.reduce(0) { $0 + $1 * $1 }
        for (logit, isTarget) in zip(logits(rows, weights), isTarget) {
            let margin = isTarget ? logit : -logit
            sum -= margin > 0 ? log1p(exp(-margin)) : log1p(exp(margin)) - margin
        }
        return sum
    }

    /// H⁻¹ g, of the gradient g = Σ (truth − P) row − λw and H = Σ P (1 − P) row rowᵀ + λI.
    private static func newtonStep(_ rows: Samples, _ isTarget: [Bool], _ weights: [Double]) -> [Double]? {
        let p = weights.count
        var gradient = weights.map { -penalty * $0 }
        var hessian = [Double](repeating: 0, count: p * p)
        let logits = logits(rows, weights)
        for row in 0..<rows.rowCount {
            let share = 1 / (1 + exp(-logits[row]))
            let error = (isTarget[row] ? 1 : 0) - share
            let curvature = share * (1 - share)
            let start = row * p
            for i in 0..<p {
                let value = rows.values[start + i]
                gradient[i] += error * value
                let scaled = curvature * value
                for j in 0...i { hessian[i * p + j] += scaled * rows.values[start + j] }
            }
        }
        for i in 0..<p { hessian[i * p + i] += penalty }
        return solvedByCholesky(hessian, gradient)
    }
}

/// x with A x = b for a positive definite A `[p, p]`, of which the lower half is read; nil if it is not.
private func solvedByCholesky(_ matrix: [Double], _ right: [Double]) -> [Double]? {
    let p = right.count
    var (factor, x) = (matrix, right)
    for i in 0..<p {
        for j in 0...i {
            var sum = factor[i * p + j]
            for k in 0..<j { sum -= factor[i * p + k] * factor[j * p + k] }
            if i == j {
                guard sum > 0 else { return nil }
                factor[i * p + i] = sum.squareRoot()
            } else {
                factor[i * p + j] = sum / factor[j * p + j]
            }
        }
    }
    for i in 0..<p {
        for k in 0..<i { x[i] -= factor[i * p + k] * x[k] }
        x[i] /= factor[i * p + i]
    }
    for i in (0..<p).reversed() {
        for k in i + 1..<max(p, i + 1) { x[i] -= factor[k * p + i] * x[k] }
        x[i] /= factor[i * p + i]
    }
    return x
}
