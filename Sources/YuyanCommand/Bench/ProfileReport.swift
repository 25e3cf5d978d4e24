import Foundation
import Yuyan

/// What `yuyan bench --profile` shows.
struct ProfileReport {
    private let recipe: Recipe
    private let profile: StepProfile
    private let terminal = Terminal.standardOutput

    init(_ recipe: Recipe) throws {
        self.recipe = recipe
        let network = recipe.initializedModel()
        let batches = try recipe.makeBatches(
            Recipe.DataSettings(
                folder: nil, batchSize: recipe.batchSize, limit: nil, imageSize: recipe.imageSize,
                validationFraction: 0, workerCount: 0, seed: 0),
            [.train])
        let loss = recipe.loss
        profile = StepProfile(batches[.train], SGD(network.parameters(), learningRate: recipe.learningRate)) {
            StepResult(loss: loss(network($0.0), $0.1), sampleCount: $0.0.count)
        }
    }

    func write(trace: URL) throws {
        let threads = ComputeThreads.count
        let device =
            threads == 1
            ? localized("\(Device.current), 1 thread") : localized("\(Device.current), \(threads) threads")
        terminal.write(localized("\(recipe.name), batches of \(recipe.batchSize), on \(device)") + "\n")
        if let notice = BusyCores.benchNotice { terminal.write(notice + "\n") }
        writePhases()
        writeLayers()
        writeKernels()
        try ChromeTrace(profile.trace, model: recipe.name).write(to: trace)
        terminal.write("\n" + localized("trace  \(trace.path), for chrome://tracing or ui.perfetto.dev") + "\n")
    }

    private func writePhases() {
        let total = profile.phaseSeconds.values.reduce(0, +)
        let table = TextTable([
            .init(localized("phase"), isNumber: false, width: 26), .init("µs", width: 9),
            .init(localized("share"), width: 6), .init(localized("in kernels, µs"), width: 14),
            .init(localized("kernels"), width: 7), .init(localized("ns/kernel outside"), width: 17),
        ])
        writeTitle(table)
        func write(_ name: String, _ seconds: Double, _ kernels: [StepProfile.Kernel]) {
            let inside = kernels.reduce(0) { $0 + $1.seconds }
            let count = kernels.reduce(0) { $0 + $1.count }
            let outside = count > 0 ? String(format: "%.0f", max(seconds - inside, 0) / count * 1e9) : ""
            terminal.write(
                table.line([
                    localized(word: name), microseconds(seconds), percent(seconds, total), microseconds(inside),
                    String(format: "%.0f", count), outside,
                ]) + "\n")
        }
        for phase in StepProfile.phases {
            write(phase, profile.phaseSeconds[phase] ?? 0, profile.kernels.filter { $0.event.phase == phase })
        }
        write("step", total, profile.kernels)
        let reorders = profile.kernels.reduce(0) { $0 + $1.reorders }
        terminal.write("\n" + localized("images copied into another layout in a step: \(reorders)") + "\n")
    }

    private func writeLayers() {
        let total = profile.kernels.reduce(0) { $0 + $1.seconds }
        let table = TextTable([
            .init(localized("layer, kernels only"), isNumber: false, width: 26), .init(localized("forward"), width: 9),
            .init(localized("backward"), width: 9), .init(localized("data, update"), width: 12),
            .init(localized("share"), width: 6),
        ])
        writeTitle(table)
        var layers: [String] = []
        for kernel in profile.kernels where !layers.contains(kernel.event.scope) { layers.append(kernel.event.scope) }
        for layer in layers {
            let kernels = profile.kernels.filter { $0.event.scope == layer }
            func sum(_ phases: String...) -> Double {
                kernels.filter { phases.contains($0.event.phase) }.reduce(0) { $0 + $1.seconds }
            }
            terminal.write(
                table.line([
                    shortScope(layer), microseconds(sum("forward")), microseconds(sum("backward")),
                    microseconds(sum("data", "update")), percent(kernels.reduce(0) { $0 + $1.seconds }, total),
                ]) + "\n")
        }
    }

    private func writeKernels() {
        let table = TextTable([
            .init(localized("kernel"), isNumber: false, width: 24),
            .init(localized("computed by"), isNumber: false, width: 20),
            .init("µs", width: 8), .init("GFLOP/s", width: 7), .init("MB", width: 6), .init("GB/s", width: 4),
        ])
        var heading = ""
        writeTitle(table)
        for kernel in profile.kernels {
            let event = kernel.event
            let phase = localized(word: event.phase)
            let place = event.scope == event.phase ? phase : "\(phase)\(localized(", "))\(shortScope(event.scope))"
            if place != heading { terminal.write("\(place)\n") }
            heading = place
            let name = kernel.count > 1 ? "\(event.name) ×\(Int(kernel.count))" : event.name
            terminal.write(
                table.line([
                    "  \(name)", event.implementation, microseconds(kernel.seconds),
                    kernel.operations > 0 ? String(format: "%.1f", kernel.operations / kernel.seconds / 1e9) : "",
                    String(format: "%.2f", kernel.bytes / 1e6),
                    String(format: "%.0f", kernel.bytes / kernel.seconds / 1e9),
                ]) + "\n")
            for reorder in event.reorderText.split(separator: ";") {
                terminal.write("    " + localized("into another layout: \(reorder.drop { $0 == " " })") + "\n")
            }
        }
    }

    private func writeTitle(_ table: TextTable) { terminal.write("\n" + terminal.bold(table.header) + "\n") }
    private func microseconds(_ seconds: Double) -> String { String(format: "%.2f", seconds * 1e6) }
    private func percent(_ part: Double, _ whole: Double) -> String { String(format: "%.1f %%", part / whole * 100) }

    /// The path without the model's own class: `3 (Conv2D)`.
    private func shortScope(_ scope: String) -> String {
        guard scope.contains("("), let dot = scope.firstIndex(of: ".") else { return scope.isEmpty ? "other" : scope }
        return String(scope[scope.index(after: dot)...])
    }
}
