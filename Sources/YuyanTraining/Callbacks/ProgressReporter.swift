import YuyanPlot

/// Shows training as a table that grows by a line for each epoch. Where somebody watches, a bar below it shows the
/// running means of the epoch, the time left for all epochs, samples a second and the share of waiting for data; it is redrawn ten times a second.
public final class ProgressReporter: TrainerCallback {
    private let terminal: Terminal
    private let language: Language
    private var table: EpochTable?
    private let clock = ContinuousClock()
    private var trainingStart: ContinuousClock.Instant
    private var epochStart: ContinuousClock.Instant
    private var nextDrawing: ContinuousClock.Instant
    private var stepsBefore = 0
    private var samplesBefore = 0

    private static let interval = Duration.milliseconds(100)

    /// Shows the progress on a terminal, or line by line in a file.
    public init(_ terminal: Terminal = .standardOutput, language: Language = .english) {
        self.language = language
        self.terminal = terminal
        trainingStart = clock.now
        epochStart = trainingStart
        nextDrawing = trainingStart
    }

    public func trainingWillBegin(_ trainer: Trainer) {
        let table = EpochTable(trainer, language: language)
        self.table = table
        trainingStart = clock.now
        stepsBefore = steps(trainer)
        // A training that has nothing to do has no table.
        guard trainer.isMainProcess, !trainer.isComplete, !trainer.stopRequest.isMade else { return }
        terminal.write(terminal.bold(table.header) + "\n")
    }

    /// Starts the bar of an epoch.
    public func epochWillBegin(_ trainer: Trainer) {
        epochStart = clock.now
        samplesBefore = trainer.losses.sampleCount
    }

    public func stepDidEnd(_ trainer: Trainer) {
        guard terminal.isInteractive, trainer.isMainProcess else { return }
        let now = clock.now
        // The last step is shown always: validation follows, during which the bar stands still.
        guard now >= nextDrawing || trainer.step == trainer.stepsPerEpoch else { return }
        nextDrawing = now + ProgressReporter.interval
        let done = Double(steps(trainer) - stepsBefore)
        let all = Double(trainer.epochCount * trainer.stepsPerEpoch - stepsBefore)
        let means = trainer.meanMetrics
        let line = ProgressLine(
            epoch: trainer.epoch, epochCount: trainer.epochCount,
            fraction: Double(trainer.step) / Double(trainer.stepsPerEpoch), loss: trainer.meanLoss,
            metrics: trainer.metrics.map { ($0.title, means[$0.name] ?? .nan) },
            samplesPerSecond: Double(trainer.losses.sampleCount - samplesBefore) / (now - epochStart).seconds,
            secondsLeft: (now - trainingStart).seconds * (all - done) / done, dataShare: trainer.dataShare)
        // Less what Ctrl-C leaves at the end of the line, so that it can be erased.
        terminal.redraw(line.text(width: terminal.width - "^C".count, terminal, language))
    }

    public func epochDidEnd(_ record: EpochRecord, _ trainer: Trainer) {
        guard trainer.isMainProcess else { return }
        if terminal.isInteractive { terminal.eraseLine() }
        if let table { terminal.write(table.line(record) + "\n") }
    }

    public func trainingDidEnd(_ trainer: Trainer) {
        // An interrupted epoch leaves its bar behind.
        if terminal.isInteractive, trainer.isMainProcess { terminal.eraseLine() }
    }

    /// The steps of all epochs up to now.
    private func steps(_ trainer: Trainer) -> Int {
        trainer.records.count * trainer.stepsPerEpoch + (trainer.isUnderway ? trainer.step : 0)
    }
}

/// What the bar shows.
package struct ProgressLine {
    let epoch: Int
    let epochCount: Int
    /// How much of the epoch is done, 0...1.
    let fraction: Double
    let loss: Double
    let metrics: [(title: String, value: Double)]
    let samplesPerSecond: Double
    let secondsLeft: Double
    /// Of the epoch's time, the part of waiting for data; shown from 1 % on.
    let dataShare: Double

    package init(
        epoch: Int, epochCount: Int, fraction: Double, loss: Double, metrics: [(title: String, value: Double)] = [],
        samplesPerSecond: Double, secondsLeft: Double, dataShare: Double = 0
    ) {
        self.epoch = epoch
        self.epochCount = epochCount
        self.fraction = fraction
        self.loss = loss
        self.metrics = metrics
        self.samplesPerSecond = samplesPerSecond
        self.secondsLeft = secondsLeft
        self.dataShare = dataShare
    }

    /// One line shorter than `width` characters. Where all does not fit, the last numbers are left out.
    package func text(width: Int, _ terminal: Terminal, _ language: Language = .english) -> String {
        let number = "\(epoch)"
        let padding = String(repeating: " ", count: max("\(epochCount)".count - number.count, 0))
        let title = language("epoch \(padding + number)/\(epochCount)")
        var parts = [language("loss \(NumberText.decimal(loss))")]
        parts += metrics.map { "\(language.word($0.title)) \(NumberText.decimal($0.value))" }
        // Time left before the rate: the latter goes first where room is short.
        let left = NumberText.duration(secondsLeft.rounded(.up), isWhole: true, in: language)
        parts.append(language("\(left) left"))
        parts.append(language("\(NumberText.grouped(Int(samplesPerSecond))) samples/s"))
        let percent = Int((100 * dataShare).rounded())
        if percent > 0 { parts.append(language("\(percent) % waiting for data")) }
        let smallestBar = 8
        func room() -> Int {
            width - 1 - DisplayText.width(title) - 4 - DisplayText.width(parts.joined(separator: "  "))
        }
        while parts.count > 1, room() < smallestBar { parts.removeLast() }
        let barWidth = min(room(), 40)
        guard barWidth >= smallestBar else {
            return DisplayText.prefix("\(title)  \(parts[0])", width: max(width - 1, 0))
        }
        return "\(title)  \(bar(barWidth, terminal))  \(parts.joined(separator: "  "))"
    }

    private func bar(_ width: Int, _ terminal: Terminal) -> String {
        let full = min(Int(fraction * Double(width)), width)
        let done = String(repeating: terminal.usesUnicode ? "━" : "=", count: full)
        let rest = String(repeating: terminal.usesUnicode ? "─" : "-", count: width - full)
        return terminal.green(done) + terminal.dim(rest)
    }
}
