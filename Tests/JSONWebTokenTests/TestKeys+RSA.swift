/// RSA keys in the containers they come in.
///
/// All of them were made for these tests with the `openssl` command and protect nothing.
extension TestKeys {
    /// RSA of 2048 bits, PKCS#8.
    static let rsa = """
        -----BEGIN PRIVATE KEY-----
        MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQDme7KIkfAUZWiZ
        dQkk+AEbnmra2P/MyxnGh2Ebulk1d1DHx7BwWClnAvbaMKsZijP+Kl+Z7Rw1OxHS
        BhhoXe0R307Rg9n/yWmQd4cneUUlSPok9SJ6Cm7xkXs3Z2WmBAAVEbO+Qdm7kb9G
        /i0qWibgfbQtS1ws/wVaH07YzuWTx5KSBLAmn8OaqvHYCKcFJjK+FmnTBEj6QIfi
        ZeLZP/YxtZWt6nTzBffp1I0yBr40bp+m4hJU7fql0/d8hUTbt5PZeWjp3YsofToA
        Paj1H5YlZRbajUzcpMCFIeelmVOTMlDDlVHvPsxvcesUZZA84mpl8kLjBYdCgEOa
        ImBQ/mQVAgMBAAECggEAGhMh8EnkWYZcdknziiNlirCaIZ6dl9ddV+Suc4LaP057
        jNJ2T0tmCbGf6DDL1pSYS7eS/7i/sXT4j+RhJAOGQ7iZ8+GBCutIHlArceeKD00J
        gZ9a8mgWQ42EHVE9AnJe6QNK7KoJ/iqfs2IjjXBMCCcoeFxXdf625gp3Mtd7SQO6
        vlHA9X0uCQ1eFL2/4HzhUax93pQ/YZXBVuGnLdu4hfMjg3V/U4dONF54ip68kQcj
        2/ZdI5N0Th2NEAIa9qhcN44Hd9kFCh4vJTFotSSj4FpDS3K2A1xK9PjYG8V4MBAb
        xApZ3fi6Czn+/HyCyFbWntveODHBw/VsfIFOnuHjyQKBgQD7iMDZCQT7bhhrfJwN
        0x7EyoeZE2P+USD7hLpbdE95w/rMgry9I5oRQxxrwiMVM5TaupbUDYJECDzj8gZ/
        9eEkm3O1AmDZKUOHaesIQHMS4ghuxqbNXktiHyvN9JNHRAxg1JrMEhRz9QuwR8EX
        aMCwI3lC5/JRjVXVlJa2xKfs+QKBgQDqk0PqwPX+5trW33ctXVXtW7W1uB7xLZ7A
        oMr9kzF41yfV4Vk2rJqeOyzoYoakxevbcvaNDF2n53oDyRa+3RLWT8UVJfUdr3Uu
        MYQeXECuSRAaR+Ha9vQuirTDA2njM8zi9FXGdqgoKFvzQfyAMDSU0NUZ1xSOypev
        7fy8zLlC/QKBgQCBIZLHmT7KiZnVzLIc0s7P/p2gc3j5PdMt7NTzUIHgpEEkLtYQ
        T6+vvwFfPNpf7wwzQmleUdUXchc4eq7lkGhWL8w2GBN6SRnW8gRsRxIMlqf3ntpR
        QmB27kPBxxa5FnE4YM1biMihQyMOC7hQeUG662s8cvFO9r0jGdZJ3CnNmQKBgDKe
        QKOhq/OrYUHIyvDRGT+08IscBiFJFN7AU81QO/a1hvUSQawYpuzKHDCxQhjAVNrv
        /eAF8RfQTXYPqIbbMbtpTz/3BuO2/vRO3xGmGpcBUSY6qLQVYi/A4qzKSckrXmUD
        EJdY94Ri4SSm8pO+0znhrnp6/QarFPxzwHwFOV0JAoGBANezpI1fQMM1a0xKgB5z
        2Ilp9F4hjBRNRbk8xcpEvqibsPQBJ3XNvj6NPY5xm+KgK0lO6bCZm2BOYQaKhdQC
        QPLQ1QtlnDBq+GK8OGy2TSXl/wWIcEZCOVHr1MrCjXvAokfBJz7uPkX/5vYZRTpd
        1KwxFCe9dv3zzIX2Fzc8hdAz
        -----END PRIVATE KEY-----
        """

    /// The same, PKCS#1.
    static let rsaPKCS1 = """
        -----BEGIN RSA PRIVATE KEY-----
        MIIEpAIBAAKCAQEA5nuyiJHwFGVomXUJJPgBG55q2tj/zMsZxodhG7pZNXdQx8ew
        cFgpZwL22jCrGYoz/ipfme0cNTsR0gYYaF3tEd9O0YPZ/8lpkHeHJ3lFJUj6JPUi
        egpu8ZF7N2dlpgQAFRGzvkHZu5G/Rv4tKlom4H20LUtcLP8FWh9O2M7lk8eSkgSw
        Jp/Dmqrx2AinBSYyvhZp0wRI+kCH4mXi2T/2MbWVrep08wX36dSNMga+NG6fpuIS
        VO36pdP3fIVE27eT2Xlo6d2LKH06AD2o9R+WJWUW2o1M3KTAhSHnpZlTkzJQw5VR
        7z7Mb3HrFGWQPOJqZfJC4wWHQoBDmiJgUP5kFQIDAQABAoIBABoTIfBJ5FmGXHZJ
        84ojZYqwmiGenZfXXVfkrnOC2j9Oe4zSdk9LZgmxn+gwy9aUmEu3kv+4v7F0+I/k
        YSQDhkO4mfPhgQrrSB5QK3Hnig9NCYGfWvJoFkONhB1RPQJyXukDSuyqCf4qn7Ni
        I41wTAgnKHhcV3X+tuYKdzLXe0kDur5RwPV9LgkNXhS9v+B84VGsfd6UP2GVwVbh
        py3buIXzI4N1f1OHTjReeIqevJEHI9v2XSOTdE4djRACGvaoXDeOB3fZBQoeLyUx
        aLUko+BaQ0tytgNcSvT42BvFeDAQG8QKWd34ugs5/vx8gshW1p7b3jgxwcP1bHyB
        Tp7h48kCgYEA+4jA2QkE+24Ya3ycDdMexMqHmRNj/lEg+4S6W3RPecP6zIK8vSOa
        EUMca8IjFTOU2rqW1A2CRAg84/IGf/XhJJtztQJg2SlDh2nrCEBzEuIIbsamzV5L
        Yh8rzfSTR0QMYNSazBIUc/ULsEfBF2jAsCN5QufyUY1V1ZSWtsSn7PkCgYEA6pND
        6sD1/uba1t93LV1V7Vu1tbge8S2ewKDK/ZMxeNcn1eFZNqyanjss6GKGpMXr23L2
        jQxdp+d6A8kWvt0S1k/FFSX1Ha91LjGEHlxArkkQGkfh2vb0Loq0wwNp4zPM4vRV
        xnaoKChb80H8gDA0lNDVGdcUjsqXr+38vMy5Qv0CgYEAgSGSx5k+yomZ1cyyHNLO
        z/6doHN4+T3TLezU81CB4KRBJC7WEE+vr78BXzzaX+8MM0JpXlHVF3IXOHqu5ZBo
        Vi/MNhgTekkZ1vIEbEcSDJan957aUUJgdu5DwccWuRZxOGDNW4jIoUMjDgu4UHlB
        uutrPHLxTva9IxnWSdwpzZkCgYAynkCjoavzq2FByMrw0Rk/tPCLHAYhSRTewFPN
        UDv2tYb1EkGsGKbsyhwwsUIYwFTa7/3gBfEX0E12D6iG2zG7aU8/9wbjtv70Tt8R
        phqXAVEmOqi0FWIvwOKsyknJK15lAxCXWPeEYuEkpvKTvtM54a56ev0GqxT8c8B8
        BTldCQKBgQDXs6SNX0DDNWtMSoAec9iJafReIYwUTUW5PMXKRL6om7D0ASd1zb4+
        jT2OcZvioCtJTumwmZtgTmEGioXUAkDy0NULZZwwavhivDhstk0l5f8FiHBGQjlR
        69TKwo17wKJHwSc+7j5F/+b2GUU6XdSsMRQnvXb988yF9hc3PIXQMw==
        -----END RSA PRIVATE KEY-----
        """

    /// The same, PKCS#8 encrypted with ``passphrase``.
    static let rsaEncrypted = """
        -----BEGIN ENCRYPTED PRIVATE KEY-----
        MIIFLTBXBgkqhkiG9w0BBQ0wSjApBgkqhkiG9w0BBQwwHAQIoIV++r3A734CAggA
        MAwGCCqGSIb3DQIJBQAwHQYJYIZIAWUDBAEqBBAN5OUdyg35wPRzk6DPuJpKBIIE
        0H4wgRWjySXxvqd8ozA0ZDg8JhuKbjIjuA5cxdzHW/F/W2InKc/P8aMUcmowEfuV
        iR3+uaRn9P+T49uIiY+rBNXHgWBnvtSMVAH+Gzwi3nqZUnCzkybyXRXaPLgZVEnc
        R4PLM1snLZ/zCOugItGflSfHazVaSO5vO/x6qaHISM6LMMIbDVE6nC8cOeBFfyUy
        INdpPWpcrLqf5dIVE4iUcwbZdkAQiADWmy/EUpXR+0yWBuNl+oguhjR+y/2oUzCl
        G7MCJrgmcYCHiZQuxBjgsVqMadJnWby2cnj7hENQoJT4O0nCnb38+k/UyCsuwG2N
        vEgDwVy7T4+msfK5nmiIUSvt9QtnBy3TyZWlKUtK2/d5pzsFdPUG/wexfX/CJLdT
        y0qkdwlFUtcJe9soUMcWc7YBW2mIvDwa9XS7yEJLl6Cxb4JVm4aYiuwrhaNsYGc6
        ULFXWLowZW7jpIgnreMxrcNfVCLMoTfAU6mJiP4OIex7kCSWr1tOPlONA0TOs80F
        ArX5H6jlUZ7Y1jK/HKCFBo9fjpaTD2U0Su8KUA4+Fs23gkiOl2IaE3wAgJn+vl0Z
        bMgbHg9a0rS1iMIogFoU+OoCqv/SGr2W/9pTKBvPsiJu8VZfwbIr2ViBvC2wShk7
        kdOn55aUzM4+2eXJvzG3P1O/EdGS//5fAMoYvhj0I5sQDdx6duFPSFBPwdGRtVWn
        2jmFkzI4/Ge3HtueJWR2tAbIpdcmhHjJf9I19b5QXRs032yPdMwQ5q1tvvaGoiRM
        0+tx9xgsHpW7atbVr8ihRhNfuvMGHgOCY7X/O//cw+59dSxJ8zQNbxjsrqt4GStx
        i4mrh+AnH+6aXJ84kqILc5hW1XjrQB9wjARIn443pdDPmFx+dQExU+5Xl1f0YncM
        +xfAnSUZTdZOFfUpCaF8QTNi7MvJ3XWbIEykhFjuEhG9GfLTKR1z8h8PMz9C4a8f
        29Ifo4tW62ccbxVX2STHXebCboc30Gak6U3EPVk86nYhIAMqAojyIH6NFcpQvrOz
        mPmQ56w6wnfwQupvDaiLW+SBrozB7OM5B2t4jVaj5xl745fQ+gtOzMLWQpAO61t3
        a+hA6blUG0GR/Ss1LUFrNp9GOxP/t7U2LCk4VZHGtf48ylJjzmrPLMFMDk8HC+WG
        BdAnzucFFxIbr7jkGeHFP//RoHsLGypbe6bIXr65uX0RmT/cfainrBAncaLlXjxC
        6eiOBi9cHlYHJthZcS9i5zNxbRucGtRfiLtY3cs2PX95h82yrd1ppu5y3yBE2AcK
        Hh/oN54mPgl/3Jj61YxIx+VBqHIW+aKegg+PRgSbY7FrJ9ogQaSmqlucWWx/rj9f
        frgJyyvnWiWbNO6uG0cv/KrFJ6PtDFIIXYpCp/NLBTeyXUMUGne0269UkEORtCvg
        AANLhB7kp0E8ZN/rkShoyddwjKTmuMia9CLA0MnWV2onse0YbmEHYFgzdBCl3HZG
        2teL0FZ7lx6afr0wNyB3bPSdDCs6XQ3LYU169kJ6XFn8cEkGzHvrsAN4sPQVUTnc
        VEP2qRzht9/9eh1zGh7dIJWSUWCej4RAN9w96XJIzKkMbTOAP69t0AqBVvw2l5fC
        07eNVakbkWhZX5ALd0Ky8W7Vde20pMriGHiwAnz6vcJY
        -----END ENCRYPTED PRIVATE KEY-----
        """

    /// The same, PKCS#1 encrypted with ``passphrase`` in the traditional format.
    static let rsaTraditionalEncrypted = """
        -----BEGIN RSA PRIVATE KEY-----
        Proc-Type: 4,ENCRYPTED
        DEK-Info: AES-128-CBC,F202A83175B6B90979902034158480C8

        Mzj+7Wr6/DfwZL3giTgfoNmv6Sj3brZw30GhgTO7Slk+Ypwv/tL6gLoDwuKrToWa
        6uSEfRJtkaLrl0ZB6ubaDkaevQSy0lXX3XGaIlQ229nfmOQAimYT2B5fodzFZ9+Q
        nMsToaf5IVvz0pGK82IU0OS0EzTaKEyykpr69JnB+ALxS+kCAZojXLrZdyOY+vJB
        5rUg5B27x5j3XwDGoq8ySjMKp6xRA5SZlgVRAzbIO//ZMIjzNG944bsUFhWCb6oS
        oyp93/kQd9pRZ6WDaYiUtLygKMygqIu1Fk12jnzGOVZMsS5KRZZl/oI+Bg6a+G+x
        RJaYNi4cSkKcgLaH9JFqMhtiUMNmOzw6a+vOubjCElgKRoiYaxB6oW58xdU3vwbT
        yGBcBBSEZiDP1D2vBChYPwV8+f/t76qLdNU+1w4IAek3KID4u/JpUIbOcLXhf/3e
        mMpiPBJEsczd15qZolPSiF3m5YdvYCTl1JU9oCF0YA6h1oyQshgdmTBMHVKlrkU+
        Jm6KFsFm45MMFtDjS4YMfNzdJdK9iG84A3j2ZNlBf8eZUkRR7Plt4e/AJPb91gEu
        st8Wo3715s4HPGK29NdAL3V4hDyFmocBrjB3cn6Wjc9AvONzmYgOAWa40KMgkMtm
        aqWsRdQ2N4hkfTOgAxXVW4oOX5osFi6v65Brr/JR8W58alpkkNaloKY+xAE4vaLS
        FPoe7QUZw3aTbyMhaMCGIqrkFqKMB4o9XUOeHpABM3HGrXj5jU0CNlxZpgP8XqAB
        yJMU3RbtFiE/Lzta71wqGOCW55k14p8DevntV/RVKNB0Ri1B5uEM5mo+wz+pQDRA
        MrrLV0uTiinYwUb9tPpTJzOeeFDb+Gu6be4FMiKZWDW/rqAdY5I02KgXXU7+up+K
        fS5J3V1sQ8XpM6mCmRcG4QCED6xPEpVKtFCdWQWW4/bIhkgtnhXtd0ts55wZ+Owu
        WpAdSxyTdXpiRinoZGtSy3pcFP95TNpeb6ZeVRLKoEekMiUIOBhW9V5CwmZ32L4n
        Z6PC11fL2wFtq73WHuovyx4+PBMpbOuEVDteK3za0iVq6auF4Ned+hnLdgkwcB/l
        edOgSx3S0yuxaIn82tN+Wuy4rZi1MlvezDvM+r7r4ioXhX9pyJiYMcNYLCurmvNV
        qzAqhtS+wSHnlHGuWcgDPtf/pZGHLl5MvmfEHBk4ABoSRAlJnaTDH9yvLqP5Si4F
        3Tl4gsBM3cOaqocvucuDvCuPS/1r6dBXMo2j3oPu6u30FIP54GcQ1dEUeIY56mNt
        efXxSuSxU9Z/zdNHasf9J39IWRnr3by5DDN9G6pBuebYubBsZZ5J1UjlxFZJUPBT
        IsqOosJ8pZzfPVSn/+/5h5cRqaKLG+ihypo0IVfG31fuyN4tc4SPpEdCQA6hWFgx
        0kmdglP7eJx6lQ6vzOQ4vrjg7mVmbY5fUn8v0sDUy653ikrBy5y2JJrZ6RLUAr7f
        raGIZLQQT7Ny4FFpm9O0ArG/wpYcCASUxzxWQKWxbbHa7xbdGazohoR80HSh8Lc9
        LlfTHyV2chpzcEPXDtEVcbo5XwC1lg0QPnr5GUEduUQp4Ap45FzuTDei3NTduutX
        -----END RSA PRIVATE KEY-----
        """

    /// Its public key, SubjectPublicKeyInfo.
    static let rsaPublic = """
        -----BEGIN PUBLIC KEY-----
        MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA5nuyiJHwFGVomXUJJPgB
        G55q2tj/zMsZxodhG7pZNXdQx8ewcFgpZwL22jCrGYoz/ipfme0cNTsR0gYYaF3t
        Ed9O0YPZ/8lpkHeHJ3lFJUj6JPUiegpu8ZF7N2dlpgQAFRGzvkHZu5G/Rv4tKlom
        4H20LUtcLP8FWh9O2M7lk8eSkgSwJp/Dmqrx2AinBSYyvhZp0wRI+kCH4mXi2T/2
        MbWVrep08wX36dSNMga+NG6fpuISVO36pdP3fIVE27eT2Xlo6d2LKH06AD2o9R+W
        JWUW2o1M3KTAhSHnpZlTkzJQw5VR7z7Mb3HrFGWQPOJqZfJC4wWHQoBDmiJgUP5k
        FQIDAQAB
        -----END PUBLIC KEY-----
        """

    /// Its public key, PKCS#1.
    static let rsaPublicPKCS1 = """
        -----BEGIN RSA PUBLIC KEY-----
        MIIBCgKCAQEA5nuyiJHwFGVomXUJJPgBG55q2tj/zMsZxodhG7pZNXdQx8ewcFgp
        ZwL22jCrGYoz/ipfme0cNTsR0gYYaF3tEd9O0YPZ/8lpkHeHJ3lFJUj6JPUiegpu
        8ZF7N2dlpgQAFRGzvkHZu5G/Rv4tKlom4H20LUtcLP8FWh9O2M7lk8eSkgSwJp/D
        mqrx2AinBSYyvhZp0wRI+kCH4mXi2T/2MbWVrep08wX36dSNMga+NG6fpuISVO36
        pdP3fIVE27eT2Xlo6d2LKH06AD2o9R+WJWUW2o1M3KTAhSHnpZlTkzJQw5VR7z7M
        b3HrFGWQPOJqZfJC4wWHQoBDmiJgUP5kFQIDAQAB
        -----END RSA PUBLIC KEY-----
        """

    /// Its public key in a self-signed certificate.
    static let rsaCertificate = """
        -----BEGIN CERTIFICATE-----
        MIIDIzCCAgugAwIBAgIUEY2JmCGcTZuI3cEVS8SUgpYrQpcwDQYJKoZIhvcNAQEL
        BQAwIDEeMBwGA1UEAwwVdGVzdCBrZXkgb2YgYXN5bmd1bGFyMCAXDTI2MTEyNDIy
        MDczNloYDzIxMjYxMDMxMjIwNzM2WjAgMR4wHAYDVQQDDBV0ZXN0IGtleSBvZiBh
        c3luZ3VsYXIwggEiMA0GCSqGSIb3DQEBAQUAA4IBDwAwggEKAoIBAQDme7KIkfAU
        ZWiZdQkk+AEbnmra2P/MyxnGh2Ebulk1d1DHx7BwWClnAvbaMKsZijP+Kl+Z7Rw1
        OxHSBhhoXe0R307Rg9n/yWmQd4cneUUlSPok9SJ6Cm7xkXs3Z2WmBAAVEbO+Qdm7
        kb9G/i0qWibgfbQtS1ws/wVaH07YzuWTx5KSBLAmn8OaqvHYCKcFJjK+FmnTBEj6
        QIfiZeLZP/YxtZWt6nTzBffp1I0yBr40bp+m4hJU7fql0/d8hUTbt5PZeWjp3Yso
        fToAPaj1H5YlZRbajUzcpMCFIeelmVOTMlDDlVHvPsxvcesUZZA84mpl8kLjBYdC
        gEOaImBQ/mQVAgMBAAGjUzBRMB0GA1UdDgQWBBSfYbvMfw7szDhmOMgLcyhk0F6B
        1zAfBgNVHSMEGDAWgBSfYbvMfw7szDhmOMgLcyhk0F6B1zAPBgNVHRMBAf8EBTAD
        AQH/MA0GCSqGSIb3DQEBCwUAA4IBAQASUKmomlQ8iAbEiBXEZPz/FF8sWO2+VzZt
        8+QlnIWjSJ2PD0n4dVm+0xGKqv4dbGWx3vboUFY0PubmWAwpju+5aM0BS/0ZaZCG
        tVvLVwNLsZkdjPDJmA7cg6bW1+AqSwDCZ66/HdaMZJsqqXHyqVBQOSFaubPM6w7A
        mVWTN2E1b3bLeM4qdUr02VZ2EoWZQ70jP7hglcf49gcMfz0lP5LvyANTV27nRBxK
        rozfN4wAyvPkv27b8vSHJyr1la+pRMIV0P/ZoY1C2eLU+dl/QldBmKK5WUy7Z/dD
        MhkrSjt5kgRhAfzDNtcUddyTAeXP9OIIOGPBkHiX/8f5fwnadOnY
        -----END CERTIFICATE-----
        """

    /// RSA of 2048 bits for PSS only.
    static let rsaPSS = """
        -----BEGIN PRIVATE KEY-----
        MIIEuwIBADALBgkqhkiG9w0BAQoEggSnMIIEowIBAAKCAQEAnPSobfkK+YJ9qXKw
        OfypliMgThIHaNYl/gu/tkSnvK4za4jk4Q3QUeuylamronKpmyAmFypImaxcLI0T
        sqlvxgF5fKsQMgctlGKF8p7A4/nJHsUfoKlibYmCvPNGK8+p29YbTXH323Fc/zDf
        lTxGktP0OvMFnHtq8hUR+5W8cFDui0qtbR5V8c0lmob0OgRscGDQMjs+ToVUGLLZ
        duXz+ZU/f0MPaGjAb8XG6/mToqrIairCbvXsgFk2uOdwapWHjtLJnVhXac1LdvGg
        uG9NtRPeib/SIALIQKeZF/3cw/eFONdEj7PBUl/WeJoWLiB9F2Ey2jPlQT5EYIM0
        nfcoSQIDAQABAoIBAARCpDm/KBwBF0EctfAOmo0GBtzBPFNAdzqJZIEUvv4Hnal+
        R0KQM4atugsgiZVr8Fk5St9kTFRjhQL7XbzPpyy91U4PF9SLzlU4EWbpbHBW7OC5
        cA2jDpYzkW/O8kL1+Y6k8qVfaEXPTDtr2H3LOFn7uwx7x6JP1UwDfczEhTkCABAb
        9xjW8JvMFdeVVcp4RXPy7TJvozQrYKCI95euge7RDQN+Mexycw6jIKgYpF+eZ49H
        NoFONb/XGXrYjY/+mHpI1bvQuWlwyFtldjVH+J/Vj2p4CRs6IpdhSVVJEyZmYhk7
        pSeTevInAkYyUTCNuVZBi48Q4ix2DHdJpEgkhJMCgYEA130ArKuybzBYKCiLzG+i
        NXS4ynmhON4Ra+QZGGGHrHMva6+FS7xrU7rl8igBll0mjeg7zysq0JTSgH32NHHI
        xXgdzIGcRIlbOZksSpPnf6S+1FzoYTu/N1hieWsvootO8lBAA9pD+BEWhOETL492
        9pD9YJPUhbPQBoIQXLer/EsCgYEAunaa0kld/ioUb4p6Sdpn+3WUQctOC73SLrRr
        6krCMYSO3a1nPmfpD5W4X0Kfk26XYs36m/s0FTiVIO6uHSPDQ5/LBMHP18rulJFP
        KFvo4qCs3+tTo12wQgr77fy7SKxmXImPswbxGYmJCbGw3eOBop5wkdD+gJZr9sl3
        Le5EKTsCgYBIGaMoIyrI2Twl86sS9CcqC6vo01mGVYcuultLNRbYNJIhTdEjzh97
        HIXjyE7/qJtFz/ZzEtZ4g9MK+xpt4cRzjgUqcBOBOxQy6XVQXryOkOjo1U1Le1o3
        gnMwfRSrJkF8Ai3pHBax4cXPIB/zQeVkCo88yTnKoqdwBgTDgREikQKBgQCRtkm6
        dxb6ncumdqKlwAVuHi4jVErDJi1vzhJe3tjudVZnqTB7NhyMz0VrO9cUEWJAFhL3
        fdDvnG39dEegAeh/mgm+x+4yBiV2+C7RrTFKmKE/wthzW613jrnc+pkoa4D6Y41m
        K9CRUkdCyhca7sTJXeM+MAISXno0Oq/ltsKRLQKBgHjNDpK0CbUuC50f9EGKCluj
        YMFy0lwKqiyHe2AoLtNrGPDmUL7qXn8yYLa6vavWV9dJxb3Ki2W0gTPKRu0+Rtlg
        vuCHRb7nQuwwJRyu5QxrevnPqD3s2fGH40IaigbMmfy7Ir2INvxFOg2Nl3VH/GgE
        67pQuwtns75NALReC34T
        -----END PRIVATE KEY-----
        """

    /// RSA of 2048 bits for PSS with SHA-384 only.
    static let rsaPSS384 = """
        -----BEGIN PRIVATE KEY-----
        MIIE8gIBADBBBgkqhkiG9w0BAQowNKAPMA0GCWCGSAFlAwQCAgUAoRwwGgYJKoZI
        hvcNAQEIMA0GCWCGSAFlAwQCAgUAogMCATAEggSoMIIEpAIBAAKCAQEAlfDe8sKS
        m/xeUvhdyxlUU6Q1qv70OoI9PzXgqV6x6k5gUVyDvJ/xdwJ+Sqs5YwOTbdh6ITjY
        3K+EWRx2O/mennbytQiqZRvt0hB+24hvvsSZzumRRAv82tVYct5y9Pl6Yg90Xkgq
        EP9VuxWwBW7PWDKnh+J79IbpOOs/3vSORHyOjyWTDEQai9mzj7cCE5SU+fgeBjV2
        XliXKCq7ecUrbdp8MDrhObRaWsWQMDQeEqKMv48API5bha482DXFr6FkeS59Vrms
        6XFcCXWEY4eKFXFrRwzNpr2tjIv1/qhrmF4knDDlChWdLHTNVeUujrw1HjM3hZ4C
        8M5Nb+EWXwV+nQIDAQABAoIBACPHSYfvbmj6yC4vtj/VsDXSL/0436HLfJ5l9pEr
        t7QTli+r7gJ3PvjZNzYNlADAtHAIcSIWzMaiOihCXqMyjgs9km4o3nIIf0/6IC81
        6AZDJvmE6eUtIB2+vV+Rnag/lJisG+Y4fZM3PmeJRgqR1bezxJ6r6Eyh2ap7li7X
        N9B289KJ71pxvA97f+WpdiORcCsMeXVoHVQNycHhbk/pt4f5FOqhXtDjYRY/dcoH
        bu1wTiX1nBl+s+b+04JyY/Z2ozGuNc6OY8yrh6DTzq7UPHOCSLfsNrUQkVUBKUWE
        PW0YX0I7SIXGf9V8UOUfnc9DZvX3ZTqLvaPo9N0R/rfrtMkCgYEAxjqWRbngJy2O
        N/GwGhiAIBROKV8nB7YI8+FtXOOh+YR5qf/J0MIPy8HgBGpvK9VVvB1SXi+E4PEo
        ALEwT30Q6FxKISrCmVL6N0fTypTpr3rNlusm9yvQXF1+XwdYs0fSQdrCyR2DS8X+
        Aw7XVNATVi4H9azbsyF6uT3llGbRyhUCgYEAwaOgmEECDZ1A20cL8oTAV9UKsuh0
        LDui2rLdiJpaMPipdg8O7BjOuQbJ2vaRsCKKDunidya8vMYKS/YkTOb2Ieqe96Jn
        YL04aZlh/RPu4Jh5qiD9tRjSC9OW2T/2OKzo8bAB7VVzULV3xSzXXRzi/UH9Orwf
        xRIWGbvqUHjGLGkCgYEAgIQRUwlMOvo8/yYxbum9f47KkeX/zu8E5OCc36ExLSzn
        GAEe3bpDNW3vh81dYATCveAgu7GBK7kNn01BLfe+k3bqFJC9c1wpntdxhyB+VOeA
        DL1OGOeOAaQXvxJrPmhs94cVy//XVLP7mA3yKylvr+rN/Ehic8Nb5mcrxcfXcXUC
        gYAWD/mdP1LnkDIyia6/zAZKO5jDd56853KPrm91P/jkuYA9Vkvh9JWhGTfofc1t
        nxHRzy4hW0WH0JyduQa7yFjk1mGUX2md6RFDXtl+R0YhSt4Z1zZw6soL1OjMCfCY
        1oKX/vDJRMIlwPdLfOdw0Xi/WERs68BG6N+hwPpaftg9eQKBgQCv7k9dllCS5d1D
        PFTevnvQ96zL8pSBIUA8iMYPX9gBRhZuIZ7r+7VAnv2ErBahJzeFQxwAFQNIKDBg
        i3mSkYSUUjDWUiAGxih6c7+iC0Vz5PbK9tnZC5W0FfDF1fLy6hZ61najJxuJoe0J
        2Nl2V71YvVSRE7wJhVrHuX44cj6RUw==
        -----END PRIVATE KEY-----
        """

    /// RSA of 1024 bits, too short.
    static let rsaShort = """
        -----BEGIN PRIVATE KEY-----
        MIICeAIBADANBgkqhkiG9w0BAQEFAASCAmIwggJeAgEAAoGBALw58je7o0kDbi0G
        SJ2YHLDh5ej+G+h15a0xf45KAt0DeVw6s1JWLSvsf/lYQqcZs0Txon1Y7/bgriER
        9cnB05LLc7pnX9xUvosA6DAEqqxKgdiWwuBJHRo7ZejJyOuqYMgjr6aD93nezY28
        mSEdTYkwcCPEVN2XWIQGc1VyKlLTAgMBAAECgYA1PI5thPyh4f5/bY+MQ0GaJcpJ
        I9Xw4aecXKufKv+0Uw84LsIZP5Z3HeT0OSpg6LvzfARhP45fXRzi7Zl+/vs/xUUh
        niMDcMiC98g5rGetvw2TwSBNZ/yARyIbXAeQutHzaTLLPiGULK77CQpcd5gAgzT9
        lo/fcM+GFgpDn03XwQJBAOcaA36/deTyLloOQzoLmLbs12uEcfxPkZAzeSt01UFK
        M+n3KZjIiCzyuyYE5BfPcvGvjLs4Y6QBqAMkmGCsnXcCQQDQgWUaSDWMeHMv7CKl
        QgQgL96aq4CjEUJZLqUeyQc9oSeu3Mbuw0wZAbfZkhAi7ldHLxETT6jl/A3EGpC9
        uJyFAkEAqqWp2Qj1vDYchgEsIQt5G/Ita8YkCSSUHv/zRGSEKC7rwKLyw0+oRlCC
        YyOPbgmQHej8KS8NXIigkJmQLyqnJwJBAK6NdOeAxhuYBs56wDJbRvrvOEuCAkoB
        u+rPSvqvzvkAPil8uKnQI5fXwWNKjWnA4J4+P+xLxxjqX1fp6Xx63cUCQQDFDTMo
        CF4xgdTKCR1AycLcvn9E9eGGl7fclMUb0AAUR/Ynj6TCaP3jXhtHXLec1yLGua7L
        Cml7QnbegmG2pJix
        -----END PRIVATE KEY-----
        """
}
