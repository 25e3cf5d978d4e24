import Foundation
import Yuyan

/// A lab's data are not on this machine.
package struct MissingDataError: Error, CustomStringConvertible {
    package let lab: String
    package let data: Lab.DataPackage

    package var description: String {
        let others = Labs.all.count { $0.needs != data }
        return """
            \(lab) needs \(data.rawValue), which is not here: apt install \(data.debianPackage). \
            \(others) labs do without: yuyan lab list
            """
    }
}

/// Runs labs, one after the other.
package struct LabRunner {
    package var seed: UInt64 = 0
    package var isQuick = false
    /// Where to compute; nil is where the lab says.
    package var device: Device?
    package var language = Language.english
    /// Holds a folder for each lab; nil keeps nothing.
    package var folder: LabFolder?

    package init() {}

    /// Where a lab computes.
    func device(for lab: Lab) -> Device { device ?? (lab.machine == .reference ? .reference : .best) }

    /// What a result must agree in to stand for a run of this lab.
    func key(for lab: Lab) -> LabResult.Key {
        LabResult.Key(seed: seed, isQuick: isQuick, device: "\(device(for: lab))", version: currentYuyanVersion)
    }

    /// - Parameter onEntry: is given what the lab writes at once, figures in the runner's language.
    /// - Throws: `MissingDataError`, or what the lab throws.
    package func run(_ lab: Lab, onEntry: @escaping (Notebook.Entry, Figure?) -> Void = { _, _ in }) throws -> LabResult
    {
        if let data = lab.needs, !data.isInstalled { throw MissingDataError(lab: lab.id, data: data) }
        let figures = try folder?.prepare(lab)
        let notebook = Notebook(
            lab, seed: seed, isQuick: isQuick, language: language, folder: figures, onEntry: onEntry)
        let device = device(for: lab)
        let start = ContinuousClock.now
        try withDevice(device) {
            try withSeed(seed) { try lab.body(notebook) }
        }
        let result = LabResult(
            id: lab.id, seed: seed, isQuick: isQuick, device: "\(device)", processor: Machine.current.processor,
            version: currentYuyanVersion, checks: notebook.checks, entries: notebook.entries,
            duration: (ContinuousClock.now - start) / .seconds(1))
        try folder?.write(result, of: lab)
        return result
    }
}
