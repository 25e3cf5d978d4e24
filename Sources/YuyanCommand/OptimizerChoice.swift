import ArgumentParser
import Yuyan

/// The optimizers of `yuyan train`, by their names in small letters.
enum OptimizerChoice: String, CaseIterable, ExpressibleByArgument {
    case sgd, adam, adamw, rmsprop, adagrad, adadelta, yogi

    var hasMomentum: Bool { self == .sgd }

    /// nil where the model says it.
    var defaultLearningRate: Double? { self == .sgd ? nil : prototype.learningRate }
    var defaultWeightDecay: Double { prototype.weightDecay }

    /// One with the library's own defaults.
    private var prototype: GroupedOptimizer {
        switch self {
        case .sgd: SGD([Parameter](), learningRate: 1)
        case .adam: Adam([Parameter]())
        case .adamw: AdamW([Parameter]())
        case .rmsprop: RMSprop([Parameter]())
        case .adagrad: Adagrad([Parameter]())
        case .adadelta: Adadelta([Parameter]())
        case .yogi: Yogi([Parameter]())
        }
    }

    func makeOptimizer(_ parameters: [Parameter], _ settings: RecipeSettings) -> any Optimizer {
        let (rate, decay) = (settings.learningRate, settings.weightDecay)
        return switch self {
        case .sgd: SGD(parameters, learningRate: rate, momentum: settings.momentum, weightDecay: decay)
        case .adam: Adam(parameters, learningRate: rate, weightDecay: decay)
        case .adamw: AdamW(parameters, learningRate: rate, weightDecay: decay)
        case .rmsprop: RMSprop(parameters, learningRate: rate, weightDecay: decay)
        case .adagrad: Adagrad(parameters, learningRate: rate, weightDecay: decay)
        case .adadelta: Adadelta(parameters, learningRate: rate, weightDecay: decay)
        case .yogi: Yogi(parameters, learningRate: rate, weightDecay: decay)
        }
    }
}
