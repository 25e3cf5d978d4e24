import ArgumentParser
import Yuyan

/// A model that `yuyan bench --profile` trains for a while: those of `yuyan train`, and mlp-dropout.
struct ProfiledModel: ExpressibleByArgument {
    var recipe: Recipe

    init?(argument: String) {
        guard let recipe = ProfiledModel.recipes.first(where: { $0.name == argument }) else { return nil }
        self.recipe = recipe
    }

    private static var recipes: [Recipe] {
        var dropout = Recipe.mlp
        dropout.name = "mlp-dropout"
        dropout.makeModel = makeDropoutMLP
        return Recipe.all + [dropout]
    }

    static var allValueStrings: [String] { recipes.map(\.name) }
    static var defaultCompletionKind: CompletionKind { .list(allValueStrings) }
}
