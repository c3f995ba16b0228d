import JSONWebToken
import StrictJSON

/// Makes a key ring of key files: JWK Sets, JWKs and PEM texts, told apart by their contents.
struct KeyFileParser {
    let signingKeyID: String?
    let passphrase: String?

    /// What was found, and what people should be told about it.
    struct Result {
        let ring: AGKeyRing
        let remarks: [String]
    }

    func parse(_ contents: KeyFileContents) throws(KeyError) -> Result {
        guard contents.files.count <= KeyFileContents.maximumFiles else {
            throw KeyError(.tooLarge, "there are more than \(KeyFileContents.maximumFiles) key files")
        }
        var found = Found()
        for file in contents.files {
            do throws(KeyError) {
                try add(file, isAlone: contents.files.count == 1, to: &found)
            } catch {
                throw KeyError(error.code, "the key file \(file.path): \(error.message)")
            }
        }
        if let signingKeyID, found.signature?.keyID != signingKeyID {
            throw KeyError(.noKey, "no key file has a key with the kid that should sign")
        }
        guard found.signature != nil || !found.verification.isEmpty else {
            throw KeyError(.noKey, "the key files have no usable key")
        }
        return Result(
            ring: AGKeyRing(signature: found.signature, verification: found.verification),
            remarks: found.remarks
        )
    }

    private struct Found {
        var signature: SigningKey?
        var verification: [VerificationKey] = []
        var remarks: [String] = []
    }

    private func add(_ file: KeyFileContents.File, isAlone: Bool, to found: inout Found) throws(KeyError) {
        let isBlank: (UInt8) -> Bool = { $0 == 0x20 || (0x09...0x0D).contains($0) }
        switch file.bytes.first(where: { !isBlank($0) }) {
        case nil: throw KeyError(.noKey, "it is empty")
        case UInt8(ascii: "{"): try addJSON(file, to: &found)
        default: try addPEM(file, isAlone: isAlone, to: &found)
        }
    }

    private func addJSON(_ file: KeyFileContents.File, to found: inout Found) throws(KeyError) {
        let value = try? JSONValue(parsing: file.bytes, duplicates: .refuse)
        guard let value, !value.contains("keys") else {
            let set = try JSONWebKeySet(parsing: file.bytes, allowsSecrets: true)
            for skipped in set.skipped {
                found.remarks.append("key \(skipped.index) of \(file.path) is not used: \(skipped.error.message)")
            }
            found.verification += set.keys
            // The key wanted may be in another file.
            if signingKeyID == nil || set.keys.contains(where: { $0.keyID == signingKeyID }) {
                try take(SigningKey.jwkSet(file.bytes, keyID: signingKeyID), of: file, to: &found)
            }
            return
        }
        found.verification.append(try .jwk(file.bytes))
        do throws(KeyError) {
            try take(.jwk(file.bytes), of: file, to: &found)
        } catch {
            guard error.code == .privateKeyRequired || error.code == .notPermitted else { throw error }
        }
    }

    private func addPEM(_ file: KeyFileContents.File, isAlone: Bool, to found: inout Found) throws(KeyError) {
        guard let text = String(validating: file.bytes, as: UTF8.self) else {
            throw KeyError(.malformed, "it is neither JSON nor PEM")
        }
        let keyID = isAlone && !file.isInFolder ? nil : Self.stem(file.path)
        do throws(KeyError) {
            let key = try SigningKey.pem(text, passphrase: passphrase, kid: keyID)
            found.verification.append(key.verificationKey)
            try take(key, of: file, to: &found)
        } catch {
            guard error.code == .privateKeyRequired else { throw error }
            found.verification.append(try .pem(text, kid: keyID))
        }
    }

    private func take(_ key: SigningKey?, of file: KeyFileContents.File, to found: inout Found) throws(KeyError) {
        guard let key else { return }
        if file.isExposed {
            found.remarks.append("\(file.path) can be read by others than its owner; it should have mode 0600")
        }
        guard found.signature == nil, signingKeyID == nil || key.keyID == signingKeyID else { return }
        found.signature = key
    }

    /// The file's name without its extension.
    private static func stem(_ path: String) -> String {
        let name = path.split(separator: "/").last ?? ""
        guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return String(name) }
        return String(name[..<dot])
    }
}

extension JSONValue {
    fileprivate func contains(_ name: String) -> Bool { objectValue?.contains(name) ?? false }
}
