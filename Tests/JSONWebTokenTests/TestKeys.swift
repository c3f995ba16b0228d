@testable import JSONWebToken

/// Keys on curves, and what all test keys share.
///
/// All of them were made for these tests with the `openssl` command and protect nothing.
enum TestKeys {
    /// Decrypts the encrypted keys.
    static let passphrase = "open-sesame"

    /// P-256, PKCS#8.
    static let p256 = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgv18BTz91CuemX2Ot
        qE01uTg5IPj0rgm8vIzP+zMIaoKhRANCAASLMFalnz0yBz+tLepFAV5zGFK+to6N
        +cDADWjCOMFJxhuscpbZZFgC7ja/Njn0ml8BDpaUTMVtzcJCjuVKF9kx
        -----END PRIVATE KEY-----
        """

    /// The same, SEC 1.
    static let p256SEC1 = """
        -----BEGIN EC PRIVATE KEY-----
        MHcCAQEEIL9fAU8/dQrnpl9jrahNNbk4OSD49K4JvLyMz/szCGqCoAoGCCqGSM49
        AwEHoUQDQgAEizBWpZ89Mgc/rS3qRQFecxhSvraOjfnAwA1owjjBScYbrHKW2WRY
        Au42vzY59JpfAQ6WlEzFbc3CQo7lShfZMQ==
        -----END EC PRIVATE KEY-----
        """

    /// Its public key.
    static let p256Public = """
        -----BEGIN PUBLIC KEY-----
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEizBWpZ89Mgc/rS3qRQFecxhSvraO
        jfnAwA1owjjBScYbrHKW2WRYAu42vzY59JpfAQ6WlEzFbc3CQo7lShfZMQ==
        -----END PUBLIC KEY-----
        """

    /// P-384, PKCS#8.
    static let p384 = """
        -----BEGIN PRIVATE KEY-----
        MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDCE2lv2rL9D+/GTmO4N
        xRQ/yF7JrFZyjBR5PYYExZyela1yIGl0IJDAdQKMlPqrWTmhZANiAARNr6p+vgKY
        6gvcId2xLITxJy+5GJdijGVgnuFXg/zNYLEOSKIcdDvelRtzaj00HD7Y1QIYUG+f
        0PZtBusBkhY8c9w62zMYVk8QNcIRtJBq8O8gHPpn1yEsxJw00xvi7rc=
        -----END PRIVATE KEY-----
        """

    /// The same, SEC 1.
    static let p384SEC1 = """
        -----BEGIN EC PRIVATE KEY-----
        MIGkAgEBBDCE2lv2rL9D+/GTmO4NxRQ/yF7JrFZyjBR5PYYExZyela1yIGl0IJDA
        dQKMlPqrWTmgBwYFK4EEACKhZANiAARNr6p+vgKY6gvcId2xLITxJy+5GJdijGVg
        nuFXg/zNYLEOSKIcdDvelRtzaj00HD7Y1QIYUG+f0PZtBusBkhY8c9w62zMYVk8Q
        NcIRtJBq8O8gHPpn1yEsxJw00xvi7rc=
        -----END EC PRIVATE KEY-----
        """

    /// Its public key.
    static let p384Public = """
        -----BEGIN PUBLIC KEY-----
        MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAETa+qfr4CmOoL3CHdsSyE8ScvuRiXYoxl
        YJ7hV4P8zWCxDkiiHHQ73pUbc2o9NBw+2NUCGFBvn9D2bQbrAZIWPHPcOtszGFZP
        EDXCEbSQavDvIBz6Z9chLMScNNMb4u63
        -----END PUBLIC KEY-----
        """

    /// P-521, PKCS#8.
    static let p521 = """
        -----BEGIN PRIVATE KEY-----
        MIHuAgEAMBAGByqGSM49AgEGBSuBBAAjBIHWMIHTAgEBBEIB9bfbdd/F3Ji7vJi4
        NyO3olhWJMnvGwU1IW4CitOwxyXBTUDIP9V4oxukp+1Udg9QgXaxcmNt7UtBMP1B
        J8HdD6ShgYkDgYYABAHf27sRNWIU0oa/igvt2UfyNeaeJ81Q9vBCRJT7XJaITeKs
        TAMlxArqwAxl0JmEO2JrjlMI4tMYW++Mmogmfset8gEUC16RxdTDyLDRTsKbmKsV
        iQ8IUv+nPbgy3+tn9omPaB5dHvTmorWLfSOzMu8DbcGmEwm43DAgHSwXzwgFkfeR
        EQ==
        -----END PRIVATE KEY-----
        """

    /// The same, SEC 1.
    static let p521SEC1 = """
        -----BEGIN EC PRIVATE KEY-----
        MIHcAgEBBEIB9bfbdd/F3Ji7vJi4NyO3olhWJMnvGwU1IW4CitOwxyXBTUDIP9V4
        oxukp+1Udg9QgXaxcmNt7UtBMP1BJ8HdD6SgBwYFK4EEACOhgYkDgYYABAHf27sR
        NWIU0oa/igvt2UfyNeaeJ81Q9vBCRJT7XJaITeKsTAMlxArqwAxl0JmEO2JrjlMI
        4tMYW++Mmogmfset8gEUC16RxdTDyLDRTsKbmKsViQ8IUv+nPbgy3+tn9omPaB5d
        HvTmorWLfSOzMu8DbcGmEwm43DAgHSwXzwgFkfeREQ==
        -----END EC PRIVATE KEY-----
        """

    /// Its public key.
    static let p521Public = """
        -----BEGIN PUBLIC KEY-----
        MIGbMBAGByqGSM49AgEGBSuBBAAjA4GGAAQB39u7ETViFNKGv4oL7dlH8jXmnifN
        UPbwQkSU+1yWiE3irEwDJcQK6sAMZdCZhDtia45TCOLTGFvvjJqIJn7HrfIBFAte
        kcXUw8iw0U7Cm5irFYkPCFL/pz24Mt/rZ/aJj2geXR705qK1i30jszLvA23BphMJ
        uNwwIB0sF88IBZH3kRE=
        -----END PUBLIC KEY-----
        """

    /// The key of ``p256``, PKCS#8 encrypted with ``passphrase``.
    static let p256Encrypted = """
        -----BEGIN ENCRYPTED PRIVATE KEY-----
        MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAjHY/gMSq48awICCAAw
        DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEBL3yMkzHiBHnvXLXkCjdpQEgZBk
        IUvcTnUXTBPSACWLu+3RFDFuGnX/XmezFhIy8elik97ugPwZrDRQdahQRnSaw2hn
        IJlXwLMdW6Hftud41LSlN0zIEWEho65eLHeLYFTMLnzr9ZbWLD9l3+nIzIRHrX4D
        j3qs3BRKej2EMpBi9NJ4voS/KrNNlOIAMPIVqWKuevDDuYazKCEmxrrrhDHIlCc=
        -----END ENCRYPTED PRIVATE KEY-----
        """

    /// The public key of ``p256`` in a self-signed certificate.
    static let p256Certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBlzCCAT2gAwIBAgIUUp2zEBtMgwQf2AtQOJG7hWZJQbswCgYIKoZIzj0EAwIw
        IDEeMBwGA1UEAwwVdGVzdCBrZXkgb2YgYXN5bmd1bGFyMCAXDTI2MTEyNDIyMDcz
        N1oYDzIxMjYxMDMxMjIwNzM3WjAgMR4wHAYDVQQDDBV0ZXN0IGtleSBvZiBhc3lu
        Z3VsYXIwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASLMFalnz0yBz+tLepFAV5z
        GFK+to6N+cDADWjCOMFJxhuscpbZZFgC7ja/Njn0ml8BDpaUTMVtzcJCjuVKF9kx
        o1MwUTAdBgNVHQ4EFgQUcd+lsxzcH2pzR4xPi4GXqyWA8BowHwYDVR0jBBgwFoAU
        cd+lsxzcH2pzR4xPi4GXqyWA8BowDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQD
        AgNIADBFAiEA7xG2xqXGNw5Gaapb4UvWh5yodv9UWl/PmL56uMoKAa8CIF7/90qt
        dq+XqXU1P9KtKt6RwY4JPJiBwOeVUtbU08ed
        -----END CERTIFICATE-----
        """

    /// The public key of ``p256`` with its point compressed.
    static let p256Compressed = """
        -----BEGIN PUBLIC KEY-----
        MDkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDIgADizBWpZ89Mgc/rS3qRQFecxhSvraO
        jfnAwA1owjjBScY=
        -----END PUBLIC KEY-----
        """

    /// P-256, SEC 1 behind a block with the name of the curve, as `openssl ecparam` prints it.
    static let p256WithParameters = """
        -----BEGIN EC PARAMETERS-----
        BggqhkjOPQMBBw==
        -----END EC PARAMETERS-----
        -----BEGIN EC PRIVATE KEY-----
        MHcCAQEEIB9edfemlPpP4ForvP05tcFg3WY4dCnF68mdO0nIl08poAoGCCqGSM49
        AwEHoUQDQgAEFvjbblqFygpYbvG63Ze/C4OcoCLAKbs+2dJ7+bv93N0LPTMZv1/z
        ohI0+RzSfPWmw6AAdkle3tPb0lfXJybz5Q==
        -----END EC PRIVATE KEY-----
        """

    /// P-256 by its parameters instead of its name.
    static let p256Explicit = """
        -----BEGIN EC PRIVATE KEY-----
        MIIBaAIBAQQg7HfuY9stHp0xmPC0YdSN1gTe0uKBGOkuc+2e/fSm6CiggfowgfcC
        AQEwLAYHKoZIzj0BAQIhAP////8AAAABAAAAAAAAAAAAAAAA////////////////
        MFsEIP////8AAAABAAAAAAAAAAAAAAAA///////////////8BCBaxjXYqjqT57Pr
        vVV2mIa8ZR0GsMxTsPY7zjw+J9JgSwMVAMSdNgiG5wSTamZ44ROdJreBn36QBEEE
        axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54W
        K84zV2sxXs7LtkBoN79R9QIhAP////8AAAAA//////////+85vqtpxeehPO5ysL8
        YyVRAgEBoUQDQgAENH8/PHy6GSGzgVNKWlcUSghWn4XL/5GwLjyfsxqcjBJ/riNZ
        sVLbETQdekjr4+vPxjT5MIo8Sai57kOqdmS6bQ==
        -----END EC PRIVATE KEY-----
        """

    /// A curve without an algorithm here.
    static let secp256k1 = """
        -----BEGIN PRIVATE KEY-----
        MIGEAgEAMBAGByqGSM49AgEGBSuBBAAKBG0wawIBAQQgV41IHWi1XkVdlyQKqBzH
        XWJK903Po3KNDa9I/kI3Y5GhRANCAAQWEZdMKfQjQDgb4L1lmAtG/K7G6tTO5HzW
        oQi/O3+SI3NqCuqVSUhm/D2JWhB5G1zumZXX8NTwnYzNa06PQYkc
        -----END PRIVATE KEY-----
        """

    /// Its public key.
    static let secp256k1Public = """
        -----BEGIN PUBLIC KEY-----
        MFYwEAYHKoZIzj0CAQYFK4EEAAoDQgAEFhGXTCn0I0A4G+C9ZZgLRvyuxurUzuR8
        1qEIvzt/kiNzagrqlUlIZvw9iVoQeRtc7pmV1/DU8J2MzWtOj0GJHA==
        -----END PUBLIC KEY-----
        """

    /// Ed25519, PKCS#8.
    static let ed25519 = """
        -----BEGIN PRIVATE KEY-----
        MC4CAQAwBQYDK2VwBCIEIA+kLWMrGcSSWWA6KVtTrilx2gtP9tUjDsk9tlwkWhrl
        -----END PRIVATE KEY-----
        """

    /// Its public key.
    static let ed25519Public = """
        -----BEGIN PUBLIC KEY-----
        MCowBQYDK2VwAyEAVBV9CNTTt9NrntSPPqkn6lF/G+Xdwhn7vvfNwyznJBw=
        -----END PUBLIC KEY-----
        """

    /// Ed448, which is not supported.
    static let ed448 = """
        -----BEGIN PRIVATE KEY-----
        MEcCAQAwBQYDK2VxBDsEOUAtsA8q91GoNII/HQC90YCR7Jnv892aFao44h0PVg65
        SiWneJNj31K9iqGpIP/l8KHvQHpn4TWHAw==
        -----END PRIVATE KEY-----
        """

    /// Its public key.
    static let ed448Public = """
        -----BEGIN PUBLIC KEY-----
        MEMwBQYDK2VxAzoAHO/A+gBZi0PrpRQlXalkvbd7Mko7t20mvhXsNazjhML1uKNS
        2r6G96uejdhiInJ6HRDJ7yNmrtQA
        -----END PUBLIC KEY-----
        """

    /// Another public key on P-384.
    static let otherP384Public = """
        -----BEGIN PUBLIC KEY-----
        MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEvzkyr7t8fOBQ9r9J8BKjZ1dSLkBOwBSh
        jXjWfhlJc51GWx+Jnq+wq6DOKJRNI1nkLKTeddfff/H1FURdEj6K1VxBcdxHsSAW
        NOYRzXJNrbFPLXtn3lHB7kVKXFSXbXlU
        -----END PUBLIC KEY-----
        """

    /// A PEM block's bytes.
    static func der(_ pem: String) -> [UInt8] {
        let lines = pem.split(separator: "\n").filter { !$0.hasPrefix("-----") }
        let text = lines.joined().map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 }.filter { $0 != "=" }
        return Base64URL.decode(String(text).utf8) ?? []
    }
}
