import Classifier
import FlyingFox
import Foundation

/// Answers the requests:
/// `POST /predict` with an image gives its classes, `GET /health` says that the server is there.
struct Routes {
    /// More than any image in JSON takes.
    private static let bodyLimit = 64 * 1024

    let predictor: Predictor

    func add(to server: HTTPServer) async {
        await server.appendRoute("GET /health") { _ in HTTPResponse(statusCode: .ok, body: Data("ok\n".utf8)) }
        await server.appendRoute("POST /predict") { [self] request in try await predict(request) }
        await server.appendRoute("/predict") { _ in
            var response = Routes.refusal(.methodNotAllowed, "send an image with POST")
            response.headers[HTTPHeader("Allow")] = "POST"
            return response
        }
    }

    private func predict(_ request: HTTPRequest) async throws -> HTTPResponse {
        guard let body = try await Routes.body(of: request) else {
            let reason = "more than \(Routes.bodyLimit) bytes; an image has \(GrayImage.byteCount)"
            return Routes.refusal(.payloadTooLarge, reason)
        }
        let isJSON = request.headers[.contentType]?.lowercased().hasPrefix("application/json") ?? false
        do {
            let image = isJSON ? try GrayImage(json: body) : try GrayImage(bytes: body)
            return try Routes.json(.ok, await predictor.predict(image))
        } catch let error as ImageError {
            let hint = isJSON ? "" : ", or JSON with the header Content-Type: application/json"
            return Routes.refusal(.badRequest, "\(error)\(hint)")
        }
    }

    /// nil if there is too much of it. Then the rest is read too, but not kept, so that the client hears the answer.
    private static func body(of request: HTTPRequest) async throws -> Data? {
        var body = Data()
        var isTooLong = false
        for try await chunk in request.bodySequence {
            isTooLong = isTooLong || body.count + chunk.count > bodyLimit
            if !isTooLong { body.append(chunk) }
        }
        return isTooLong ? nil : body
    }

    private static func refusal(_ status: HTTPStatusCode, _ reason: String) -> HTTPResponse {
        let body = try? json(status, ["error": reason])
        return body ?? HTTPResponse(statusCode: status)
    }

    private static func json(_ status: HTTPStatusCode, _ value: some Encodable) throws -> HTTPResponse {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // FlyingFox writes head and body apart. On a connection that is used again, the system would hold the body back
        // for 40 ms, until the client has acknowledged the head.
        return HTTPResponse(
            statusCode: status, headers: [.contentType: "application/json", .connection: "close"],
            body: try encoder.encode(value) + Data("\n".utf8))
    }
}
