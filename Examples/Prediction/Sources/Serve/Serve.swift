import ArgumentParser
import FlyingFox
import FlyingSocks
import Foundation

@main
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Answers over HTTP what kind of clothing is on an image.",
        discussion: "The weights are read once, at the start. Stop the server with Ctrl-C.")

    @Option(help: ArgumentHelp("The weights that yuyan train lenet --output wrote.", valueName: "file"))
    var weights: String

    @Option(help: "The address to listen on; 0.0.0.0 lets other machines in.")
    var host = "127.0.0.1"

    @Option(help: "The port to listen on; 0 takes a free one.")
    var port: UInt16 = 8080

    func run() async throws {
        let predictor = try await Predictor(weights: URL(fileURLWithPath: weights))
        let server = HTTPServer(address: try address(), logger: .disabled)
        await Routes(predictor: predictor).add(to: server)
        do {
            try await withThrowingTaskGroup { group in
                group.addTask { try await server.run() }
                group.addTask {
                    try await server.waitUntilListening()
                    await announce(server)
                }
                for try await _ in group {}
            }
        } catch SocketError.failed(_, _, let message) {
            throw Failure(description: "\(host):\(port) cannot be listened on: \(message)")
        }
    }

    private func announce(_ server: HTTPServer) async {
        guard case .ip4(_, let port) = await server.listeningAddress else { return }
        // Straight out, even if standard output is a file.
        FileHandle.standardOutput.write(Data("listening on http://\(host):\(port)\n".utf8))
    }

    private func address() throws -> some SocketAddress {
        do {
            return try sockaddr_in.inet(ip4: host, port: port)
        } catch {
            throw ValidationError("--host must be an address such as 127.0.0.1, not '\(host)'.")
        }
    }
}

/// What stopped the server, in one line.
struct Failure: Error, CustomStringConvertible {
    let description: String
}
