import YuyanCore

/// Which samples or rows train a model, and which ones validate it.
public struct Fold: Sendable, Hashable {
    /// The indices of those to train on.
    public var training: [Int]
    /// The indices of those to validate with.
    public var validation: [Int]

    /// A division of one's own, such as a single one into two parts.
    public init(training: [Int], validation: [Int]) {
        self.training = training
        self.validation = validation
    }
}

/// Divides 0, 1, …, n − 1 for K-fold cross-validation.
///
///     for fold in kFolds(count: table.rowCount, folds: 5) {
///         let (training, validation) = (table.rows(at: fold.training), table.rows(at: fold.validation))
///     }
///
/// With f = ⌊n/K⌋, the i-th fold validates with i·f ..< (i + 1)·f and trains on the others below K·f; what is beyond K·f is
/// left out. Nothing is shuffled: rows that are sorted must be shuffled before.
///
/// - Parameters:
///   - count: n.
///   - folds: K, at least 2 and at most n; traps otherwise.
/// - Source: Zhang et al., Dive into Deep Learning, predicting house prices on Kaggle (2023).
public func kFolds(count: Int, folds: Int) -> [Fold] {
    guard folds > 1 else { failure("kFolds: \(folds) folds leave nothing to train on; take 2 or more") }
    guard folds <= count else { failure("kFolds: \(count) samples are too few for \(folds) folds") }
    let size = count / folds
    return (0..<folds).map { index in
        let validation = index * size..<(index + 1) * size
        return Fold(
            training: Array(0..<validation.lowerBound) + Array(validation.upperBound..<folds * size),
            validation: Array(validation))
    }
}

/// The errors of several candidates, such as hyperparameters, and which one is best.
public struct ModelSelection<Candidate> {
    /// What was compared.
    public let candidates: [Candidate]
    /// Of each candidate the errors of all folds.
    public let errors: [[Double]]

    /// The mean error of each candidate.
    public var means: [Double] { errors.map { $0.reduce(0, +) / Double($0.count) } }

    /// Where the candidate with the smallest mean stands; the first wins a tie. A mean that is not a number is larger than
    /// all others.
    public var bestIndex: Int {
        let means = means.map { $0.isNaN ? .infinity : $0 }
        return means.indices.min { means[$0] < means[$1] }!
    }

    /// The candidate with the smallest mean error.
    public var best: Candidate { candidates[bestIndex] }
}

extension ModelSelection: Sendable where Candidate: Sendable {}

/// Measures each candidate on each fold, to choose the one whose validation error is smallest on average.
///
///     let parts = try table.randomSplit([0.8, 0.2], seed: 0)  // the second is for the very end
///     let selection = try selectModel(among: [0, 0.1, 1], over: kFolds(count: parts[0].rowCount, folds: 5)) { decay, fold in
///         try validationError(training: parts[0].rows(at: fold.training), …, weightDecay: decay)
///     }
///
/// Test the best one on samples that are in none of the folds, and once: an error by which a model was chosen is too good.
///
/// - Parameters:
///   - candidates: at least one; traps otherwise.
///   - folds: those of `kFolds(count:folds:)`, or a single one for a fixed validation set; at least one, traps otherwise.
///   - error: trains a new model on a fold and gives its validation error.
/// - Throws: what `error` throws.
public func selectModel<Candidate>(
    among candidates: [Candidate], over folds: [Fold], error: (Candidate, Fold) throws -> Double
) rethrows -> ModelSelection<Candidate> {
    guard !candidates.isEmpty, !folds.isEmpty else {
        failure(
            "selectModel: \(candidates.count) candidates and \(folds.count) folds; there must be one at least of each")
    }
    let errors = try candidates.map { candidate in try folds.map { try error(candidate, $0) } }
    return ModelSelection(candidates: candidates, errors: errors)
}
