import ArgumentParser

@main
struct YuyanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "yuyan",
        abstract: "Trains the networks of Dive into Deep Learning (动手学深度学习).",
        discussion: """
            EXAMPLES:
              yuyan train lenet                                    ten epochs on Fashion-MNIST
              yuyan train mlp --epochs 3 --output runs/mlp         keeps weights and numbers
              yuyan train lenet --limit 1000 --json                one JSON object, for scripts
              yuyan summary lenet                                  layers, shapes, parameters
            """,
        version: "0.1.0",
        subcommands: [TrainCommand.self, SummaryCommand.self, BenchCommand.self])
}
