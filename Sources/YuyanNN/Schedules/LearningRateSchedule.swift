import Foundation
import YuyanCore

/// How the learning rate changes: what it is multiplied with at each step. Steps may be batches or epochs.
///
///     let schedule = CosineSchedule(stepCount: 1000, warmUpStepCount: 100)
///     for step in 0..<1000 {
///         optimizer.learningRateFactor = schedule.factor(at: step)
///         …
///     }
public protocol LearningRateSchedule: Sendable {
    /// The factor for a step, counted from 0.
    func factor(at step: Int) -> Double
}

/// 1 always, or another constant.
public struct ConstantSchedule: LearningRateSchedule {
    /// The factor.
    public var value: Double

    /// A factor that stays.
    public init(_ value: Double = 1) { self.value = value }

    public func factor(at step: Int) -> Double { value }
}

/// decay^⌊step / interval⌋: one more factor after each `interval` steps.
public struct StepSchedule: LearningRateSchedule {
    /// Steps between two changes, at least 1.
    public var interval: Int
    /// What each change multiplies by.
    public var decay: Double

    /// Traps unless `interval` is at least 1.
    public init(interval: Int, decay: Double = 0.1) {
        guard interval >= 1 else { failure("StepSchedule: interval is \(interval), it must be at least 1") }
        self.interval = interval
        self.decay = decay
    }

    public func factor(at step: Int) -> Double { pow(decay, Double(step / interval)) }
}

/// decay^n, where n is the number of milestones that have been reached.
public struct MultiStepSchedule: LearningRateSchedule {
    /// The steps at which the factor changes.
    public var milestones: [Int]
    /// What each change multiplies by.
    public var decay: Double

    /// A factor that changes at these steps.
    public init(milestones: [Int], decay: Double = 0.1) {
        self.milestones = milestones
        self.decay = decay
    }

    public func factor(at step: Int) -> Double { pow(decay, Double(milestones.count { $0 <= step })) }
}

/// decay^step.
public struct ExponentialSchedule: LearningRateSchedule {
    /// What each step multiplies by.
    public var decay: Double

    /// A factor that changes at each step.
    public init(decay: Double) { self.decay = decay }

    public func factor(at step: Int) -> Double { pow(decay, Double(step)) }
}

/// A rise in a straight line, then half a period of the cosine:
///
///     a + (1 − a) · t / w                          for t < w
///     f + (1 − f) · (1 + cos(π (t − w) / (T − w))) / 2   for w ≤ t < T
///     f                                            afterwards
///
/// with t the step, T `stepCount`, w `warmUpStepCount`, a `initialFactor` and f `finalFactor`.
/// Source: Loshchilov and Hutter, SGDR (2017); d2l chapter 12.
public struct CosineSchedule: LearningRateSchedule {
    /// T, the step at which `finalFactor` is reached.
    public var stepCount: Int
    /// w, the steps of the rise; 0 for none.
    public var warmUpStepCount: Int
    /// a, where the rise begins.
    public var initialFactor: Double
    /// f, where the fall ends.
    public var finalFactor: Double

    /// Traps unless 0 ≤ `warmUpStepCount` < `stepCount`.
    public init(stepCount: Int, warmUpStepCount: Int = 0, initialFactor: Double = 0, finalFactor: Double = 0) {
        guard 0 <= warmUpStepCount, warmUpStepCount < stepCount else {
            failure("CosineSchedule: a warm-up of \(warmUpStepCount) steps does not fit into \(stepCount)")
        }
        self.stepCount = stepCount
        self.warmUpStepCount = warmUpStepCount
        self.initialFactor = initialFactor
        self.finalFactor = finalFactor
    }

    public func factor(at step: Int) -> Double {
        if step < warmUpStepCount {
            return initialFactor + (1 - initialFactor) * Double(step) / Double(warmUpStepCount)
        }
        guard step < stepCount else { return finalFactor }
        let progress = Double(step - warmUpStepCount) / Double(stepCount - warmUpStepCount)
        return finalFactor + (1 - finalFactor) * (1 + cos(Double.pi * progress)) / 2
    }
}
